import { isDeepStrictEqual } from 'node:util'
import type { Wire, Work } from './options.ts'

/** One request of a work, and how its answer's body shows the result. */
export interface Requests {
  readonly paths: readonly string[]
  readonly headers: Readonly<Record<string, string>>
  unwrap(body: unknown): unknown
}

/** What the requests are made with. */
export interface Given {
  readonly slugs: readonly string[]
  readonly token: string
}

const whole = (body: unknown): unknown => body

const unwrapTrpc = (body: unknown): unknown => (body as { result?: { data?: unknown } }).result?.data

const trpcPath = (name: string, input: unknown): string =>
  `/trpc/commerce.products.${name}?input=${encodeURIComponent(JSON.stringify(input))}`

const LIMIT = 20

const headersOf = (work: Work, { token }: Given): Record<string, string> =>
  work === 'signed-in-list' ? { authorization: `Bearer ${token}` } : {}

/** The requests of a work to Plinth. */
export const plinthRequests = (wire: Wire, work: Work, given: Given): Requests => {
  const headers = headersOf(work, given)
  const isDetail = work === 'detail'
  if (wire === 'trpc') {
    const paths = isDetail
      ? given.slugs.map((slug) => trpcPath('getBySlug', { slug }))
      : [trpcPath('list', { limit: LIMIT })]
    return { paths, headers, unwrap: unwrapTrpc }
  }
  const paths = isDetail
    ? given.slugs.map((slug) => `/api/v1/products/by-slug/${slug}`)
    : [`/api/v1/products?limit=${LIMIT}`]
  return { paths, headers, unwrap: whole }
}

/** The requests of a work to the floor, which knows one wire. */
export const floorRequests = (work: Work, given: Given): Requests => {
  const detail = given.slugs.map((slug) => `/products/by-slug/${slug}`)
  const list = [`${work === 'list' ? '' : '/signed-in'}/products?limit=${LIMIT}`]
  return { paths: work === 'detail' ? detail : list, headers: headersOf(work, given), unwrap: whole }
}

const read = async (url: string, path: string, { headers, unwrap }: Requests): Promise<unknown> => {
  const response = await fetch(url + path, { headers })
  const text = await response.text()
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 300)}`)
  return unwrap(JSON.parse(text))
}

// Each server has cursors of its own make; what counts is that there is one.
const comparable = (result: unknown): unknown =>
  typeof result === 'object' && result !== null && 'nextCursor' in result
    ? { ...result, nextCursor: typeof result.nextCursor }
    : result

interface Asked {
  readonly server: { readonly url: string }
  readonly requests: Requests
}

/** Makes sure that both servers answer each of these requests alike; throws for the first that differs. */
export const checkEqual = async (floor: Asked, plinth: Asked): Promise<void> => {
  for (const [at, path] of plinth.requests.paths.entries()) {
    const expected = comparable(await read(floor.server.url, floor.requests.paths[at] ?? '', floor.requests))
    const found = comparable(await read(plinth.server.url, path, plinth.requests))
    if (!isDeepStrictEqual(found, expected)) throw new Error(`${path} is not answered as by the floor`)
  }
}
