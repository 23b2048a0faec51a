import type { AppRouter } from '@plinth/sdk'
import { createTRPCClient, httpLink } from '@trpc/client'
import type { Given, Journey } from './journey.ts'
import { typedJourney } from './typed.ts'

const clientOf = (url: string, token: string | null) =>
  createTRPCClient<AppRouter>({
    links: [
      httpLink({
        url: `${url}/trpc`,
        headers: ({ op: { context } }) => ({
          ...(token !== null && { authorization: `Bearer ${token}` }),
          ...(typeof context.idempotencyKey === 'string' && { 'idempotency-key': context.idempotencyKey }),
        }),
      }),
    ],
  })

/** The journey through tRPC's own client and nothing of ours but the types. */
export const trpcJourney = (given: Given): Promise<Journey> => {
  const { url, email, password } = given
  const client = clientOf(url, null)
  return typedJourney(client, given, async () => {
    const { tokens } = await client.core.sessions.login.mutate({ email, password })
    return clientOf(url, tokens?.accessToken ?? null)
  })
}
