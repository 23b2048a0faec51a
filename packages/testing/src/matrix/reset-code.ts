import type { PortalName } from '@plinth/contract'
import type { CoreDb } from '@plinth/core'
import type { TestApp } from '../test-app.ts'
import { newestMail } from './mail.ts'

const FORGOT = { organizer: 'organizerPasswords', merchant: 'merchantPasswords' } as const

const moveToPortal = (app: TestApp, id: string, portal: PortalName | null) =>
  app.db
    .as<CoreDb>()
    .transaction((trx) => trx.updateTable('users').set({ portal }).where('id', '=', id).execute())

/** The code by which a new account, of a portal or none, may set a new password. */
export const resetCode = async (app: TestApp, portal: PortalName | null) => {
  const { email, account } = await app.as('user')
  await moveToPortal(app, account.id, portal)
  await app.client.core[portal === null ? 'passwords' : FORGOT[portal]].forgot.mutate({ email })
  const mail = await newestMail(app, email)
  const [code] = /^\d{6}$/m.exec(mail?.text ?? '') ?? []
  if (code === undefined) throw new Error(`No code came for ${email}`)
  return { email, code }
}
