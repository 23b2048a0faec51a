import type { Fetch } from './fetch.ts'

/** A request that went out: its path below the server, and its headers by lower-case name. */
export interface Sent {
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
}

/** The platform's fetch that also writes down what goes out. `before` may take its place for one request. */
export const recordingFetch = (before?: (sent: Sent) => Promise<Response | undefined> | undefined) => {
  const sent: Sent[] = []
  const fetch: Fetch = async (url, init) => {
    const { pathname, search } = new URL(url)
    const request = { path: pathname + search, headers: Object.fromEntries(new Headers(init.headers)) }
    sent.push(request)
    return (await before?.(request)) ?? globalThis.fetch(url, init)
  }
  return { fetch, sent, to: (part: string) => sent.filter(({ path }) => path.includes(part)) }
}

/** A fetch with a browser's jar: cookies that were set are sent again, and none without `credentials`. */
export const browserFetch = (
  origin: string,
  inner: Fetch,
): { fetch: Fetch; cookies: Map<string, string> } => {
  const cookies = new Map<string, string>()
  const fetch: Fetch = async (url, init) => {
    const headers = new Headers(init.headers)
    headers.set('origin', origin)
    const allowed = init.credentials === 'include'
    if (allowed && cookies.size > 0)
      headers.set('cookie', Array.from(cookies, ([name, value]) => `${name}=${value}`).join('; '))
    const answer = await inner(url, { ...init, headers })
    for (const line of allowed ? answer.headers.getSetCookie() : []) {
      const [name = '', value = ''] = (line.split(';')[0] ?? '').split('=')
      if (value === '') cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }
  return { fetch, cookies }
}
