import type { Outputs as AllOutputs } from '@plinth/sdk'
import { type TestActor, type TestApp, testApp } from '@plinth/testing'
import { type Received, type TestReceiver, testReceiver } from '@plinth/testing/outside'

/** Settings under which receivers on loopback may be called. */
export const WEBHOOK_ENV = {
  PLINTH_WEBHOOKS_HTTP: 'true',
  PLINTH_WEBHOOKS_ALLOWED_NETWORKS: '127.0.0.0/8',
}

type Outputs = AllOutputs['core']

const YEAR_MS = String(365 * 24 * 3_600_000)
// Days go by in these tests, and what they are about is not the login.
const LONG_LOGIN = { PLINTH_SESSIONS_ACCESS_TOKEN_MS: YEAR_MS, PLINTH_SESSIONS_REFRESH_TOKEN_MS: YEAR_MS }

/** A server with an admin, a receiver, and a webhook from one to the other. */
export interface WebhookTest extends AsyncDisposable {
  readonly app: TestApp
  readonly admin: TestActor
  readonly receiver: TestReceiver
  readonly id: string
  readonly secret: string
  /** Lets time pass, and does all that is due by then. */
  pass(ms: number): Promise<void>
  /** Registers an account; answers its id once events are handed on and attempts made. */
  register(): Promise<string>
  webhook(): Promise<Outputs['webhooks']['get']>
  /** The deliveries of the webhook, newest first. */
  deliveries(): Promise<Outputs['webhookDeliveries']['list']['items']>
  /** The newest delivery, with its attempts. */
  delivery(): Promise<Outputs['webhookDeliveries']['get']>
}

/** Starts all of it; the webhook wants every event. */
export const webhookTest = async (env: Readonly<Record<string, string>> = {}): Promise<WebhookTest> => {
  const app = await testApp({ env: { ...WEBHOOK_ENV, ...LONG_LOGIN, ...env } })
  const receiver = await testReceiver()
  const admin = await app.as('admin')
  const { webhooks, webhookDeliveries } = admin.client.core
  const { id, secret } = await webhooks.create.mutate({ url: receiver.url, events: ['*'] })
  const deliveries = async () => (await webhookDeliveries.list.query({ webhookId: id, limit: 100 })).items
  let made = 0
  return {
    app,
    admin,
    receiver,
    id,
    secret,
    async pass(ms) {
      app.clock.advance(ms)
      await app.settle()
    },
    async register() {
      made += 1
      const account = await app.client.core.accounts.register.mutate({
        email: `registered-${made}@example.com`,
        password: 'correct horse battery',
        name: 'Ada Byron',
      })
      await app.settle()
      return account.id
    },
    webhook: () => webhooks.get.query({ id }),
    deliveries,
    async delivery() {
      const [newest] = await deliveries()
      return webhookDeliveries.get.query({ id: newest?.id ?? '' })
    },
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]()
      await receiver[Symbol.asyncDispose]()
    },
  }
}

/** What two or more attempts have in common, if they have: their ids. */
export const idsOf = (received: readonly Received[]): readonly unknown[] =>
  received.map(({ headers }) => headers['webhook-id'])
