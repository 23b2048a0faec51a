import type { AppRouter } from '@plinth/contract'
import { httpBatchLink, httpLink, type Operation, splitLink, type TRPCLink } from '@trpc/client'
import { reading } from './answers.ts'
import type { Fetch } from './fetch.ts'
import { bearer, type Session, signsIn } from './session.ts'
import { contextOf, traced } from './trace.ts'
import { uploading } from './uploading.ts'

/** How requests get to the server and whom they are made for. */
export interface TransportOptions {
  readonly trpcUrl: string
  readonly mode: 'token' | 'cookie'
  readonly fetch: Fetch
  readonly headers: () => Promise<Record<string, string>>
  readonly session: Session
  /** Whether requests are signed, which those that hold a file can't be. */
  readonly signs: boolean
}

// What every proxy and server lets pass.
const MAX_URL = 2000
const MAX_BATCH = 20

const keyOf = (op: Operation): Record<string, string> => {
  const { idempotencyKey } = contextOf(op)
  return idempotencyKey === undefined ? {} : { 'idempotency-key': idempotencyKey }
}

const fitsBatch = ({ path, input }: Operation, { trpcUrl }: TransportOptions): boolean =>
  trpcUrl.length + path.length + encodeURIComponent(JSON.stringify(input) ?? '').length < MAX_URL - 50

const singles = ({
  trpcUrl: url,
  fetch,
  headers,
  session,
  mode,
  signs,
}: TransportOptions): TRPCLink<AppRouter> => {
  const headersOf = async ({ op }: { op: Operation }) => {
    if (signs && op.input instanceof FormData)
      throw new TypeError('A file can not be sent with an API key that signs: use one that does not')
    // An old token, which may have been ended elsewhere, would have a new login refused.
    return traced([op], { ...(await headers()), ...(signsIn(op.path) ? {} : bearer(session)), ...keyOf(op) })
  }
  const plain = httpLink<AppRouter>({ url, fetch: reading(fetch), headers: headersOf })
  return (runtime) => {
    const send = plain(runtime)
    return (call) => {
      const { onProgress } = contextOf(call.op)
      if (!onProgress) return send(call)
      const watched = reading(uploading(fetch, onProgress, mode === 'cookie'))
      return httpLink<AppRouter>({ url, fetch: watched, headers: headersOf })(runtime)(call)
    }
  }
}

/**
 * The ways of a call to the server: queries made together travel in one request; a mutation travels alone, so that
 * its idempotency key is its own, and so does a query too long for a shared URL.
 */
export const transport = (options: TransportOptions, batch: boolean): TRPCLink<AppRouter> => {
  const { trpcUrl: url, fetch, headers, session } = options
  const shared = httpBatchLink<AppRouter>({
    url,
    fetch: reading(fetch),
    headers: async ({ opList }) => traced(opList, { ...(await headers()), ...bearer(session) }),
    maxURLLength: MAX_URL,
    maxItems: MAX_BATCH,
  })
  return splitLink({
    condition: (op) => batch && op.type === 'query' && fitsBatch(op, options),
    true: shared,
    false: singles(options),
  })
}
