import { createHmac, randomBytes } from 'node:crypto'

const SECOND = 1000
const MINUTE = 60 * SECOND
const HOUR = 60 * MINUTE

/** Pauses after the first, second and further failed attempts, as Standard Webhooks recommends them: three days in all. */
export const PAUSES: readonly number[] = [
  5 * SECOND,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  24 * HOUR,
]

const LONGEST_WISH_MS = 24 * HOUR

/**
 * How long to wait after a failed attempt; null when it was the last. Up to a tenth more is left to chance (0 up to 1), so
 * that what failed together does not come back together. A receiver that asks for more time gets it, up to a day.
 */
export const pauseAfter = (retries: number, wishMs: number | null, chance = Math.random()): number | null => {
  const pause = PAUSES[retries]
  if (pause === undefined) return null
  return Math.round(Math.max(pause, Math.min(wishMs ?? 0, LONGEST_WISH_MS)) * (1 + chance / 10))
}

/** A new secret: `whsec_` and 256 random bits. */
export const newSecret = (): string => `whsec_${randomBytes(32).toString('base64')}`

/** What is signed, and when. */
interface Message {
  readonly id: string
  readonly at: Date
  readonly body: string
}

/** The headers of a delivery after Standard Webhooks, with a signature by each secret that is live. */
export const headersOf = (
  { id, at, body }: Message,
  secrets: readonly string[],
): Readonly<Record<string, string>> => {
  const seconds = Math.floor(at.getTime() / SECOND)
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
    return `v1,${createHmac('sha256', key).update(`${id}.${seconds}.${body}`).digest('base64')}`
  })
  return {
    'content-type': 'application/json',
    'user-agent': 'Plinth-Webhooks',
    'webhook-id': id,
    'webhook-timestamp': String(seconds),
    'webhook-signature': signatures.join(' '),
  }
}
