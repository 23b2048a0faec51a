import type { HTTPLinkOptions } from '@trpc/client'

/** What the client needs of `fetch`; the global one fits, and so do those of frameworks. */
export type Fetch = (url: string, init: RequestInit) => Promise<Response>

/** The same for tRPC, whose own types of a request leave room for platforms with less than a fetch. */
export const forTrpc =
  (fetch: Fetch): NonNullable<HTTPLinkOptions<never>['fetch']> =>
  (url, init) =>
    fetch(url as string, init as RequestInit)
