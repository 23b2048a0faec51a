import { readFileSync } from 'node:fs'
import { createMailbox, createSmtp, type Mailbox } from '@plinth/adapters'
import type { Database } from '@plinth/db'
import type { Clock, KitTables, Mailer, Outside } from '@plinth/kit'
import type { Settings } from '../settings.ts'

interface MailDeps {
  readonly db: Database<KitTables>
  readonly clock: Clock
  readonly outside: Outside
}

/** Where mails go: to a server, or into the mailbox. */
interface MailPart {
  readonly mailer: Mailer
  readonly mailbox: Mailbox
  /** Whether they leave, rather than stay in the mailbox. */
  readonly isSent: boolean
  close(): void
}

/** The mailer that the settings ask for. */
export const mailPart = async ({ mail }: Settings, { db, clock, outside }: MailDeps): Promise<MailPart> => {
  const mailbox = createMailbox({ db, clock })
  const { transport, url, from, caFile, pool, ...rest } = mail
  if (transport === 'mailbox' || url === undefined || from === undefined)
    return { mailer: mailbox, mailbox, isSent: false, close: () => undefined }
  const dependency = outside.dependency('mail', {
    timeoutMs: rest.sendMs,
    deadlineMs: rest.sendMs * 2,
    concurrency: pool.connections,
  })
  const ca = caFile === undefined ? undefined : readFileSync(caFile, 'utf8')
  const smtp = await createSmtp({ ...rest, ...pool, url, from, ca }, dependency)
  return { mailer: smtp, mailbox, isSent: true, close: smtp.close }
}
