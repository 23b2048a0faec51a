import type { AppRouter } from '@plinth/contract'
import { createClient, isPlinthError } from '@plinth/sdk'
import { getUntypedClient, type TRPCUntypedClient } from '@trpc/client'
import type { Judged } from './answers.ts'
import { fieldsRefused, formOf } from './wire.ts'

/** What came of a call through the SDK. */
interface SdkOutcome {
  readonly code: string | null
  readonly fields: readonly string[]
  readonly body: unknown
}

type Untyped = Pick<TRPCUntypedClient<AppRouter>, 'query' | 'mutation' | 'subscription'>

const firstValue = (client: Untyped, name: string, input: unknown): Promise<unknown> =>
  new Promise((resolve, reject) => {
    const stream = client.subscription(name, input, {
      onData(value: unknown) {
        stream.unsubscribe()
        resolve((value as { readonly data: unknown }).data)
      },
      onError: reject,
    })
  })

const call = (client: Untyped, { name, procedure }: Judged, input: unknown): Promise<unknown> => {
  if (procedure.kind === 'subscription') return firstValue(client, name, input)
  if (procedure.kind === 'upload') return client.mutation(name, formOf(input))
  return procedure.kind === 'mutation' ? client.mutation(name, input) : client.query(name, input)
}

/** Calls a procedure through the SDK. */
export const callSdk = async (
  judged: Judged,
  input: unknown,
  options: { readonly token: string | undefined; readonly requestId: string },
): Promise<SdkOutcome> => {
  const { token, requestId } = options
  const client = createClient({
    url: judged.target.server.url,
    tokens: token === undefined ? null : { accessToken: token },
    headers: { 'x-request-id': requestId },
  })
  try {
    const body = await call(getUntypedClient(client), judged, input)
    return { code: null, fields: [], body }
  } catch (error) {
    if (!isPlinthError(error)) throw error
    return { code: error.data.code, fields: fieldsRefused(error.data.errors), body: error.data }
  }
}
