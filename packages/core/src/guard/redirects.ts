// A browser drops tabs and line ends from an address, and takes a backslash for a slash (WHATWG URL, section 4.4).
const UNSAFE = /[\p{Cc}\p{Zl}\p{Zp}\\]/u

const originOf = (text: string): string | null => URL.parse(text)?.origin ?? null

/**
 * Where a redirect may lead: a path of our own, or an address of an allowed origin. Answers it as it is to be sent, and
 * null for everything else: other origins and schemes, `//host`, backslashes, control characters, user names.
 * @param allowed origins such as `https://app.example`; what follows the origin is ignored.
 */
export const safeRedirect = (target: string, allowed: readonly string[]): string | null => {
  if (target === '' || target.length > 2000 || UNSAFE.test(target) || target !== target.trim()) return null
  if (target.startsWith('/')) {
    // A browser resolves it as we do; what would leave the server has another origin then.
    const url = target.startsWith('//') ? null : URL.parse(target, 'http://own.invalid')
    return url?.origin === 'http://own.invalid' && !url.pathname.startsWith('//') ? target : null
  }
  const url = /^https?:\/\/[^/]/i.test(target) ? URL.parse(target) : null
  if (url === null || `${url.username}${url.password}` !== '') return null
  return allowed.some((each) => originOf(each) === url.origin) ? url.href : null
}
