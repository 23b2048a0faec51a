import { z } from 'zod'
import { id } from './words/ids.ts'
import { Moment } from './words/moments.ts'

/** An event that third parties may be told of. What its schema does not name stays in the house. */
export interface PublicEvent<D extends z.ZodType = z.ZodType> {
  /** One sentence, without a full stop. */
  readonly summary: string
  readonly data: D
  readonly example: z.output<D>
}

const event = <D extends z.ZodType>(spec: PublicEvent<D>): PublicEvent<D> => spec

const Account = z.object({ userId: id('usr').describe('Whose account it is') })
const account: z.infer<typeof Account> = { userId: 'usr_01jd7m3x5sfa9v8k2cq4w6y8ze' }

/**
 * Every event that webhooks carry, by name: module and what happened. Data is thin: ids, by which a receiver reads what
 * it may read. Never a secret, a token or an address. An event that is not here is for the house alone.
 */
export const events = {
  'accounts.registered': event({
    summary: 'Somebody registered an account',
    data: Account,
    example: account,
  }),
  'accounts.verified': event({
    summary: 'Somebody proved that the email address of their account is theirs',
    data: Account,
    example: account,
  }),
  'webhooks.tested': event({
    summary: 'Somebody asked for a delivery to try a webhook out; it goes to that webhook alone',
    data: z.object({ webhookId: id('whk') }),
    example: { webhookId: 'whk_01jd7m3x5sfa9v8k2cq4w6y8ze' },
  }),
} as const satisfies Readonly<Record<string, PublicEvent>>

/** The name of an event that third parties may be told of; see {@link events}. */
export type EventName = keyof typeof events

/** What a webhook carries, for each event: its name, the moment it happened, and its data. */
export type WebhookEvent = {
  [N in EventName]: {
    readonly type: N
    /** Moment in UTC, ISO 8601 with milliseconds. */
    readonly timestamp: string
    readonly data: z.output<(typeof events)[N]['data']>
  }
}[EventName]

/** Tells the name of a public event from any other text. */
export const isEventName = (name: string): name is EventName => Object.hasOwn(events, name)

/** The body of the webhook that carries an event of this name. */
export const webhookBody = (name: string, { data }: PublicEvent) =>
  z.object({
    type: z.literal(name),
    timestamp: Moment.describe('When it happened'),
    data,
  })
