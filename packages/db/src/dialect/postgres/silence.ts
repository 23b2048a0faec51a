import { Socket } from 'node:net'
import type { PoolClient } from 'pg'
import type { Settings } from '../../config.ts'
import { UnavailableError } from '../../errors.ts'

// Silence is counted in looks and not in time: a process that was held up itself looks but once when it goes on, and
// then reads what had come meanwhile.
const LOOKS = 10

/**
 * How long a server may be silent when it owes an answer. The server ends a statement by itself when its time is over; a
 * further time in which even a new connection must come is enough for it to say so.
 */
const silentMs = ({ statementTimeoutMs, acquireTimeoutMs }: Settings): number =>
  statementTimeoutMs + acquireTimeoutMs

/** Looks at one connection. `awaited` is the number of the statement under way, 0 while the server owes no answer. */
export type Look = (awaited: number) => void

/** Breaks a connection whose server has said nothing at all for too long; what waits for it then fails as lost. */
export const createLook = (client: PoolClient, settings: Settings): Look => {
  let statement = 0
  let received = 0
  let looks = 0
  return (awaited) => {
    const { stream } = client.connection
    const bytes = stream instanceof Socket ? stream.bytesRead : 0
    looks = awaited > 0 && awaited === statement && bytes === received ? looks + 1 : 0
    statement = awaited
    received = bytes
    // The line itself, and not the driver's way to end a connection: that waits for the server to agree.
    if (looks === LOOKS)
      stream.destroy(new UnavailableError(`the database was silent for ${silentMs(settings)} ms`))
  }
}

/** Looks at all sessions of a pool at even times, for a timer of each statement would cost it; answers how to stop. */
export const lookAfter = (
  sessions: ReadonlyMap<PoolClient, { look(): void }>,
  settings: Settings,
): (() => void) => {
  const look = () => {
    for (const session of sessions.values()) session.look()
  }
  const timer = setInterval(look, Math.ceil(silentMs(settings) / LOOKS)).unref()
  return () => clearInterval(timer)
}
