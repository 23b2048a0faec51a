import type { Row } from '@plinth/db'
import type { Subscriber } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { CoreDeps } from '../settings.ts'
import { userByEmail } from './queries.ts'
import type { UsersTable } from './tables.ts'
import { FOR_A_DAY, hours, issueVerification, userIdOf } from './verification.ts'

type User = Row<UsersTable>

interface Letter {
  readonly subject: string
  readonly paragraphs: readonly string[]
}

const NOT_YOU = 'If that was not you, change your password at once and end your other logins.'

const field = (payload: unknown, name: string): unknown =>
  typeof payload === 'object' && payload !== null ? Reflect.get(payload, name) : undefined

const ODD: Readonly<Record<string, string>> = {
  'new-device': 'from a device that it was not signed in to before',
  'new-country': 'from a country that it was not signed in to before',
  'impossible-travel': 'farther away from the last time than anybody travels meanwhile',
}

const STATES: Readonly<Record<string, Letter>> = {
  active: { subject: 'Your account can be used again', paragraphs: ['your account can be used again.'] },
  disabled: {
    subject: 'Your account was disabled',
    paragraphs: ['your account was disabled, and its logins were ended. The support can tell you why.'],
  },
  banned: {
    subject: 'Your account was banned',
    paragraphs: ['your account was banned, and its logins were ended. The support can tell you why.'],
  },
}

/** What the holder of an account is told of, by event. */
const letters: Readonly<Record<string, (payload: unknown) => Letter | undefined>> = {
  'accounts.suspiciousSignIn': (payload) => {
    const suspicions = field(payload, 'suspicions')
    const odd = (Array.isArray(suspicions) ? suspicions : []).map((each) => ODD[String(each)] ?? String(each))
    return {
      subject: 'A new sign-in to your account',
      paragraphs: [`somebody signed in to your account ${odd.join(', and ')}.`, NOT_YOU],
    }
  },
  'accounts.tokenReused': () => ({
    subject: 'A login of your account was ended',
    paragraphs: [
      'a token of one of your logins was used twice, as happens when it was stolen. That login was ended.',
      NOT_YOU,
    ],
  }),
  'accounts.stateChanged': (payload) => STATES[String(field(payload, 'state'))],
  'accounts.deleted': () => ({
    subject: 'Your account was deleted',
    paragraphs: [
      'your account was deleted, and its logins were ended.',
      'If that was not you, ask the support.',
    ],
  }),
}

const anyUser = ({ db }: CoreDeps, id: string): Promise<User | undefined> =>
  db.as<CoreDb>().read.selectFrom('users').selectAll().where('id', '=', id).executeTakeFirst()

const send = ({ mailer }: CoreDeps, to: string, name: string, { subject, paragraphs }: Letter) =>
  mailer.send({ to, subject, text: [`Hello ${name},`, ...paragraphs].join('\n\n') })

/** Asks at the new address for its confirmation and tells the old one; of an address that has an account, its holder is told. */
const askForConfirmation = async (deps: CoreDeps, userId: string): Promise<void> => {
  const user = await anyUser(deps, userId)
  if (!user?.pending_email) return
  const email = user.pending_email
  if (await userByEmail.first(deps.db.as<CoreDb>().read, { email })) {
    await send(deps, email, 'there', {
      subject: 'Your address was given for another account',
      paragraphs: [
        'somebody asked to use this email address for another account. It stays yours, and nothing was changed.',
      ],
    })
    return
  }
  const issued = await issueVerification(deps, userId, 'change')
  if (!issued) return
  await send(deps, email, user.name, {
    subject: 'Confirm your new email address',
    paragraphs: [
      'please confirm that this is your new email address by opening this link:',
      `${deps.settings.webUrl}/confirm-email?token=${issued.token}`,
      `It works once, for ${hours(deps.settings.verificationMs)}. If you did not ask for this mail, ignore it.`,
    ],
  })
}

const tellOldAddress = async (deps: CoreDeps, userId: string): Promise<void> => {
  const user = await anyUser(deps, userId)
  if (!user) return
  await send(deps, user.email, user.name, {
    subject: 'Your email address is to be changed',
    paragraphs: ['somebody asked to change the email address of your account.', NOT_YOU],
  })
}

/** Mails that tell the holders of accounts what was done to them. */
export const accountNotices = (deps: CoreDeps): Subscriber[] => [
  ...Object.entries(letters).map(
    ([event, letterOf]): Subscriber => ({
      event,
      job: `tell-${event.replace('.', '-')}`,
      retry: FOR_A_DAY,
      run: async (payload) => {
        const user = await anyUser(deps, userIdOf(payload))
        const letter = letterOf(payload)
        if (user && letter) await send(deps, user.email, user.name, letter)
      },
    }),
  ),
  {
    event: 'accounts.emailChangeRequested',
    job: 'ask-for-email-confirmation',
    retry: FOR_A_DAY,
    run: (payload) => askForConfirmation(deps, userIdOf(payload)),
  },
  {
    event: 'accounts.emailChangeRequested',
    job: 'tell-old-email-address',
    retry: FOR_A_DAY,
    run: (payload) => tellOldAddress(deps, userIdOf(payload)),
  },
]
