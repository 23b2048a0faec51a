// Each names what only somebody who looks for holes asks for; what ordinary text may hold too is left out. Judged by
// the address alone: bodies hold what people write.
const SIGNS: readonly (readonly [string, RegExp])[] = [
  [
    'probe',
    /\/(?:\.env|\.git\/|\.svn\/|\.aws\/|\.ssh\/|\.ds_store|wp-(?:login|admin|content|includes|config)|xmlrpc\.php|phpmyadmin|pma\/|cgi-bin\/|vendor\/phpunit|server-status|actuator\/(?:env|heapdump)|boaform|hnap1|solr\/admin|_ignition|owa\/auth)|\.(?:php\d?|aspx?|jsp|cgi)(?:$|[/?])/i,
  ],
  [
    'traversal',
    /(?:^|[/\\=])\.\.[/\\]|\.\.%(?:2f|5c|c0|25)|\/etc\/(?:passwd|shadow|hosts)\b|\b(?:boot|win)\.ini\b|\/proc\/self\//i,
  ],
  [
    'script',
    /<\s*script\b|<\s*(?:svg|img|iframe|body|video|object|embed|input|details)\b[^>]*\bon\w{3,20}\s*=|javascript\s*:\s*\S*[(`]|\bon(?:error|load|mouseover|focus)\s*=\s*["']?\w+\s*[(`]/i,
  ],
  [
    'sql',
    /\bunion\s+(?:all\s+)?select\b|(?:'|"|\)|\d)\s*(?:or|and)\s+\(?\s*(?:'|"|\d+)[^=<>]{0,20}(?:=|<|>|like\b)|\b(?:sleep|benchmark|pg_sleep|extractvalue|updatexml|load_file)\s*\(|\bwaitfor\s+delay\b|\binformation_schema\b|\bxp_cmdshell\b|'\s*;\s*(?:drop|insert|delete|update|shutdown|exec)\b|\border\s+by\s+\d+\s*(?:--|#|$)/i,
  ],
  [
    'command',
    /[;&|`]\s*(?:cat|ls|id|wget|curl|nc|bash|sh|ping|whoami|uname|netstat|dir|type|ipconfig)\b(?:\s|$|;|\||`)|\$\((?:cat|id|ls|whoami|curl|wget)\b|\/bin\/(?:ba)?sh\b|\bcmd\.exe\b|<!--#(?:exec|include)/i,
  ],
  ['template', /\$\{jndi:|\{\{.{0,40}(?:__class__|constructor|config|\d\s*\*\s*\d).{0,40}\}\}|<%=.{0,40}%>/i],
]

const MOST_LENGTH = 4000

const decoded = (text: string): string => {
  try {
    return decodeURIComponent(text)
  } catch {
    // Not all of it is encoded well: what is, is read.
    return text.replaceAll(/%([0-7][0-9a-f])/gi, (_, hex: string) =>
      String.fromCharCode(Number.parseInt(hex, 16)),
    )
  }
}

/** What an address (path and query) shows of an attack, by the kind of it. */
export const signsOf = (url: string): string[] => {
  const once = decoded(url.slice(0, MOST_LENGTH).replaceAll('+', ' '))
  const twice = once.includes('%') ? decoded(once) : once
  const text = twice === once ? once : `${once}\n${twice}`
  return SIGNS.filter(([, pattern]) => pattern.test(text)).map(([name]) => name)
}
