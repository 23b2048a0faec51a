import type { Subscriber } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { CoreDeps } from '../settings.ts'
import { userById } from './queries.ts'
import { FOR_A_DAY, userIdOf } from './verification.ts'

/** The event of a password that was changed or set anew. */
export const PASSWORD_CHANGED = 'accounts.passwordChanged'

/** Tells the owner of an account that its password was changed: who did not do it learns of it. */
export const passwordMails = ({ db, mailer, settings }: CoreDeps): Subscriber => ({
  event: PASSWORD_CHANGED,
  job: 'send-password-changed-mail',
  retry: FOR_A_DAY,
  async run(payload) {
    const user = await userById.first(db.as<CoreDb>().read, { id: userIdOf(payload) })
    if (!user) return
    await mailer.send({
      to: user.email,
      subject: 'Your password was changed',
      text: [
        `Hello ${user.name},`,
        'the password of your account was changed, and all other logins were ended.',
        `If that was not you, set a new one at once at ${settings.webUrl}, and tell our support.`,
      ].join('\n\n'),
    })
  },
})
