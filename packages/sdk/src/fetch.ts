import type { HTTPLinkOptions } from '@trpc/client'

/** What the client needs of `fetch`; the global one fits, and so do those of frameworks. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** A fetch as tRPC's links take it. */
export type LinkFetch = NonNullable<HTTPLinkOptions<never>['fetch']>

/** What a link asks for; tRPC's own types of a request leave room for platforms with less than a fetch. */
export const toRequest = (...[url, init]: Parameters<LinkFetch>): Parameters<Fetch> => [
  url as string,
  init as RequestInit,
]
