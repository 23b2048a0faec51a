import { createSmsBox, createSmsGateway } from '@plinth/adapters'
import type { Database } from '@plinth/db'
import type { Clock, KitTables, Outside, SmsSender } from '@plinth/kit'
import type { Settings } from '../settings.ts'

interface SmsDeps {
  readonly db: Database<KitTables>
  readonly clock: Clock
  readonly outside: Outside
}

/** Where short messages go: to a gateway, or into the mailbox. */
interface SmsPart {
  readonly sender: SmsSender
  /** Whether they leave, rather than stay in the mailbox. */
  readonly isSent: boolean
}

/** The sender that the settings ask for. */
export const smsPart = ({ sms }: Settings, { db, clock, outside }: SmsDeps): SmsPart => {
  const { transport, url, token, sendMs, ...rest } = sms
  if (transport === 'mailbox' || url === undefined || token === undefined)
    return { sender: createSmsBox({ db, clock }), isSent: false }
  const dependency = outside.dependency('sms', { timeoutMs: sendMs, deadlineMs: sendMs * 2 })
  return { sender: createSmsGateway({ ...rest, url, token }, dependency), isSent: true }
}
