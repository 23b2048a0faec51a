import { isbot } from 'isbot'

/** What a request looks like. `library`: an HTTP library or tool, as programs that use the API well have it. */
export type ClientKind =
  | 'browser'
  | 'library'
  | 'crawler'
  | 'verified-crawler'
  | 'false-crawler'
  | 'pretender'
  | 'scanner'
  | 'unknown'

/** How sure it is that no person sent a request. */
export type BotConfidence = 'none' | 'low' | 'medium' | 'high'

/** The one value of a header, by its lower-case name. */
type Header = (name: string) => string | undefined

// Security scanners and attack tools that name themselves; names of products, which are facts.
const SCANNER =
  /\b(?:sqlmap|nikto|nmap|masscan|zgrab|zmap|nuclei|acunetix|netsparker|invicti|nessus|openvas|arachni|w3af|wpscan|dirbuster|dirb|gobuster|ffuf|wfuzz|feroxbuster|havij|hydra|burp|owasp|zaproxy|skipfish|whatweb|jaeles|commix|fimap|grabber|xsser|webshag|vega|paros|libwhisker|pangolin|absinthe|n-stealth|morfeus|muieblackcat|jorgee|l9explore|leakix|projectdiscovery|detectify|qualys|rapid7|bewica|betabot|dominator|grendel|havoc|metis|sqlninja|sqlpower|bsqlbf|cgichk|mysqloit|prog\.customcrawler|revolt|toata|uil2pn|webinspect|whisker|zmeu|bfac|fuzz faster|whatwaf|hexometer|jbrofuzz|netlab360|nettacker|securityagent|sitelock|sysscan|tsunamisecurity|webbandit|wprecon|l9tcpid|wapiti|appspider|appscan|ironwasp|n-stalker|cmsmap|xsstrike|joomscan|droopescan|ghauri|wpprobe|sstimap|tplmap|dotdotpwn|shortscan|kadimus|lfisuite|lfimap|panoptic|graphw00f|graphql-cop|jsql|noseyparker|trufflehog|yeswehack|tinja)|^mozlila|mozilla\/5\.g/i

const LIBRARY =
  /^(?:plinth|curl|wget|httpie|undici|node(?:-fetch|$|\/)|axios|got[ /]|superagent|ky[ /]|deno|bun|python|aiohttp|httpx|requests|urllib|okhttp|java[/ -]|apache-httpclient|jakarta|reactor|go-http|go-resty|grpc|ruby|faraday|typhoeus|rest-client|guzzle|php|symfony|libwww|lwp|perl|dart|cfnetwork|\w+\/[\d.]+ cfnetwork|alamofire|postman|insomnia|bruno|k6|jmeter|apachebench|hey\/|autocannon|dotnet|restsharp|powershell|mozilla\/5\.0 \(windows nt; windows nt)/i

const BROWSER = /^Mozilla\/5\.0 \(.+(?:Chrome|CriOS|Firefox|FxiOS|Safari|Edg|OPR|Gecko)\b/

// Those whose owners say how to verify them. What they are called, and the domains that their names end in:
// https://developers.google.com/search/docs/crawling-indexing/verifying-googlebot,
// https://www.bing.com/webmasters/help/how-to-verify-bingbot-3905dc26, https://support.apple.com/en-us/119829,
// https://yandex.com/support/webmaster/robot-workings/check-yandex-robots.html
const VERIFIABLE: readonly (readonly [RegExp, readonly string[]])[] = [
  [
    /googlebot|google-inspectiontool|googleother|storebot-google|adsbot-google|mediapartners-google/i,
    ['googlebot.com', 'google.com', 'googleusercontent.com'],
  ],
  [/bingbot|bingpreview|adidxbot/i, ['search.msn.com']],
  [/applebot/i, ['applebot.apple.com']],
  [/yandex(?:bot|images|mobilebot|metrika)/i, ['yandex.ru', 'yandex.net', 'yandex.com']],
]

/** The domains that the name of an address must end in, if it is the crawler that its user agent says; null: none such. */
export const crawlerDomains = (userAgent: string): readonly string[] | null =>
  VERIFIABLE.find(([name]) => name.test(userAgent))?.[1] ?? null

// isbot takes every short name for a bot, also that of somebody's own app.
const SAYS_SO =
  /^mozilla\/|bot|crawl|spider|slurp|fetch|feed|reader|search|archiv|scan|monitor|check|preview|valid|index|link|https?:|www\.|@|\.(?:com|org|net|io)\b/i

const saysSo = (userAgent: string): boolean => SAYS_SO.test(userAgent)

/** What a user agent alone says. */
const kindOf = (userAgent: string): ClientKind => {
  if (userAgent.trim() === '') return 'unknown'
  if (SCANNER.test(userAgent)) return 'scanner'
  if (LIBRARY.test(userAgent)) return 'library'
  if (isbot(userAgent)) return saysSo(userAgent) ? 'crawler' : 'unknown'
  return BROWSER.test(userAgent) ? 'browser' : 'unknown'
}

const CHROMIUM = /\b(?:Chrome|Edg|OPR)\/(\d+)/

/**
 * Whether headers are such as the browser that they name would not send: all send `Accept`, and `Accept-Language` unless
 * told not to; Chromium since 89 sends client hints over https, and since 80 says where a request comes from.
 */
const contradicts = (userAgent: string, header: Header, secure: boolean): boolean => {
  if (!header('accept') || !header('accept-encoding') || !header('accept-language')) return true
  const version = Number(CHROMIUM.exec(userAgent)?.[1] ?? 0)
  return (
    secure && version >= 89 && header('sec-fetch-mode') === undefined && header('sec-ch-ua') === undefined
  )
}

const MOST_KNOWN = 2000
const LONGEST = 500

/** Judges clients by what they say of themselves. User agents are few: what one says is worked out once. */
export const createBotRules = ({ secure }: { readonly secure: boolean }) => {
  const known = new Map<string, ClientKind>()
  const ofAgent = (userAgent: string): ClientKind => {
    const found = known.get(userAgent)
    if (found) return found
    const kind = kindOf(userAgent)
    if (known.size >= MOST_KNOWN) known.clear()
    known.set(userAgent, kind)
    return kind
  }
  return (header: Header): ClientKind => {
    const userAgent = (header('user-agent') ?? '').slice(0, LONGEST)
    const kind = ofAgent(userAgent)
    return kind === 'browser' && contradicts(userAgent, header, secure) ? 'pretender' : kind
  }
}

const CONFIDENCE: Readonly<Record<ClientKind, BotConfidence>> = {
  browser: 'none',
  library: 'low',
  unknown: 'low',
  pretender: 'medium',
  crawler: 'high',
  'verified-crawler': 'high',
  'false-crawler': 'high',
  scanner: 'high',
}

/** How sure it is that a client of this kind is no person. */
export const confidenceOf = (kind: ClientKind): BotConfidence => CONFIDENCE[kind]
