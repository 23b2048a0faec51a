import type { Subscriber } from '@plinth/kit'
import { userById } from '../accounts/queries.ts'
import { FOR_A_DAY, userIdOf } from '../accounts/verification.ts'
import type { CoreDb } from '../db.ts'
import type { CoreDeps } from '../settings.ts'

const NAMES: Readonly<Record<string, string>> = { google: 'Google', github: 'GitHub', facebook: 'Facebook' }

const providerOf = (payload: unknown): string => {
  const provider =
    typeof payload === 'object' && payload !== null && 'provider' in payload ? String(payload.provider) : ''
  return NAMES[provider] ?? provider
}

const letters: Readonly<Record<string, (provider: string) => { subject: string; text: string }>> = {
  'identities.linked': (provider) => ({
    subject: `${provider} was linked to your account`,
    text: `your account can be signed in to with ${provider} from now on.`,
  }),
  'identities.unlinked': (provider) => ({
    subject: `${provider} was unlinked from your account`,
    text: `your account can not be signed in to with that account at ${provider} any more.`,
  }),
}

/** Tells the holder of an account that a way into it was added or taken away. */
export const identityMails = ({ db, mailer }: CoreDeps): Subscriber[] =>
  Object.entries(letters).map(([event, letterOf]) => ({
    event,
    job: `tell-${event.replace('.', '-')}`,
    retry: FOR_A_DAY,
    run: async (payload) => {
      const user = await userById.first(db.as<CoreDb>().read, { id: userIdOf(payload) })
      if (!user) return
      const { subject, text } = letterOf(providerOf(payload))
      const notYou =
        'If that was not you, unlink what you do not know, change your password and end your other logins.'
      await mailer.send({ to: user.email, subject, text: [`Hello ${user.name},`, text, notYou].join('\n\n') })
    },
  }))
