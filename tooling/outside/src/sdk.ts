import { createClient } from '@plinth/sdk'
import type { Given, Journey } from './journey.ts'
import { typedJourney } from './typed.ts'

/** The journey through the SDK, which keeps the tokens of a login itself. */
export const sdkJourney = (given: Given): Promise<Journey> => {
  const client = createClient({ url: given.url })
  return typedJourney(client, given, async () => {
    await client.core.sessions.login.mutate({ email: given.email, password: given.password })
    return client
  })
}
