import { z } from 'zod'
import { type PortalName, portal } from '../access.ts'
import { conflict, gone, limited, notFound, unauthenticated } from '../errors.ts'
import { mutation, query, upload } from '../procedure.ts'
import { Email, Locale, nothing, Phone, TimeZone } from '../words/formats.ts'
import { id } from '../words/ids.ts'
import { Moment } from '../words/moments.ts'
import { line, prose } from '../words/text.ts'
import { Account, exampleAccount, NewPassword, WEAK_PASSWORD } from './accounts.ts'
import { SecondFactor, secondFactorErrors } from './second-factor.ts'
import { exampleSignedIn, SignedIn } from './sessions.ts'
import { signInErrors, signInInput } from './sign-in.ts'
import { User } from './users.ts'

const UserId = id('usr')

/** The largest image of a profile, in bytes. */
const MAX_IMAGE_BYTES = 2_000_000

/** The principal of a portal as it sees itself. */
export const PortalProfile = Account.extend({
  organization: z.string().describe('For whom they act'),
  state: z.enum(['active', 'pending', 'disabled', 'banned']),
  image: z
    .object({ url: z.string().describe('Needs no token'), expiresAt: Moment })
    .nullable()
    .describe('Where the image is, for a while; null: there is none'),
}).meta({ id: 'PortalProfile' })

export type PortalProfile = z.infer<typeof PortalProfile>

const example: PortalProfile = {
  ...exampleAccount,
  organization: 'Concerts Ltd',
  state: 'active',
  image: null,
}

const exampleUser: z.infer<typeof User> = {
  ...exampleAccount,
  portal: 'organizer',
  state: 'active',
  stateReason: null,
  stateAt: null,
  grants: [],
  deletedAt: null,
}

const Token = z.string().min(20).max(200).describe('The token of the invitation mail, used once')

const signingIn = <const N extends PortalName>(name: N) => ({
  /** Register for the portal: with an invitation at once, else to be approved */
  register: mutation({
    summary: `Register as ${name}: with an invitation at once, else to be approved`,
    rest: `POST /${name}/register`,
    access: 'public',
    limit: { group: 'auth', field: 'email' },
    input: z.strictObject({
      email: Email,
      password: NewPassword,
      name: line(100),
      organization: line(100).describe('For whom they act'),
      phone: Phone.optional(),
      locale: Locale.default('en'),
      timeZone: TimeZone.default('UTC'),
      invitation: Token.optional(),
    }),
    output: PortalProfile,
    errors: {
      EMAIL_TAKEN: conflict('An account with this email exists: sign in, or reset the password.'),
      INVITATION_UNKNOWN: notFound('This invitation is not known, was used, or is for another address.'),
      INVITATION_EXPIRED: gone('This invitation has expired: ask for a new one, or register without.'),
      WEAK_PASSWORD,
    },
    example: {
      input: {
        email: 'ada@example.com',
        password: 'correct horse battery',
        name: 'Ada Byron',
        organization: 'Concerts Ltd',
      },
      output: { ...example, state: 'pending' },
    },
  }),

  /** Sign in to the portal with email and password */
  login: mutation({
    summary: `Sign in as ${name} with email and password`,
    rest: `POST /${name}/login`,
    access: 'public',
    limit: 'auth',
    idempotent: false,
    input: z.strictObject({
      email: Email,
      password: z.string().min(1).max(200).meta({ format: 'password' }),
      secondFactor: SecondFactor.optional(),
      ...signInInput,
    }),
    output: SignedIn,
    errors: {
      ...signInErrors,
      ...secondFactorErrors,
      INVALID_CREDENTIALS: unauthenticated('Email or password is not right: check both.'),
      ACCOUNT_LOCKED: limited('There were too many failed attempts: wait for the seconds in Retry-After.'),
    },
    example: {
      input: { email: 'ada@example.com', password: 'correct horse battery' },
      output: exampleSignedIn,
    },
  }),

  /** End the own login to the portal */
  logout: mutation({
    summary: `End the own login as ${name}`,
    rest: `POST /${name}/logout`,
    access: portal(name),
    scope: null,
    input: nothing,
    output: z.object({ loginId: id('lgn'), endedAt: Moment }),
    example: { output: { loginId: exampleSignedIn.loginId, endedAt: '2026-11-21T10:00:00.000Z' } },
  }),
})

const profile = <const N extends PortalName>(name: N) => ({
  /** Read the own profile in the portal */
  get: query({
    summary: `Read the own profile as ${name}`,
    rest: `GET /${name}/profile`,
    access: portal(name),
    input: nothing,
    output: PortalProfile,
    example: { output: example },
  }),

  /** Change the own profile in the portal; only the fields given change */
  update: mutation({
    summary: `Change the own profile as ${name}; only the fields given change`,
    rest: `PUT /${name}/profile`,
    access: portal(name),
    input: z.strictObject({
      name: line(100).optional(),
      organization: line(100).optional(),
      phone: Phone.nullable().optional().describe('International form (E.164); null removes it'),
      locale: Locale.optional(),
      timeZone: TimeZone.optional(),
    }),
    output: PortalProfile,
    example: { input: { name: 'Ada Byron' }, output: example },
  }),

  /** Set the image of the own profile in the portal, in place of the one before */
  setImage: upload({
    summary: `Set the image of the own profile as ${name}, in place of the one before`,
    rest: `PUT /${name}/profile/image`,
    access: portal(name),
    input: z.strictObject({
      image: z.file().max(MAX_IMAGE_BYTES).mime(['image/png', 'image/jpeg', 'image/webp']),
    }),
    output: PortalProfile,
    example: {
      input: { image: new File([], 'me.png', { type: 'image/png' }) },
      output: {
        ...example,
        image: { url: '/files/9f2c', expiresAt: '2026-11-21T10:30:00.000Z' },
      },
    },
  }),

  /** Remove the image of the own profile in the portal */
  removeImage: mutation({
    summary: `Remove the image of the own profile as ${name}`,
    rest: `DELETE /${name}/profile/image`,
    access: portal(name),
    input: nothing,
    output: PortalProfile,
    example: { output: example },
  }),
})

const managing = <const N extends PortalName>(name: N) => ({
  /** Invite somebody to the portal by mail */
  invite: mutation({
    summary: `Invite somebody by mail to register as ${name}`,
    rest: `POST /admin/${name}s/invite`,
    access: 'portals:write',
    limit: { group: 'auth', field: 'email' },
    input: z.strictObject({ email: Email }),
    output: z.object({ email: z.string(), expiresAt: Moment }),
    example: {
      input: { email: 'ada@example.com' },
      output: { email: 'ada@example.com', expiresAt: '2026-11-28T09:30:00.000Z' },
    },
  }),

  /** Approve a principal of the portal who waits for it */
  approve: mutation({
    summary: `Approve an ${name} who waits for it`.replace('an merchant', 'a merchant'),
    rest: `POST /admin/${name}s/{id}/approve`,
    access: 'portals:write',
    input: z.strictObject({ id: UserId }),
    output: User,
    errors: {
      NOT_PENDING: conflict('This account does not wait to be approved: its state shows what it is.'),
    },
    example: { input: { id: exampleUser.id }, output: { ...exampleUser, portal: name } },
  }),

  /** Reject a principal of the portal who waits to be approved; the account is deleted */
  reject: mutation({
    summary: `Reject an ${name} who waits to be approved; the account is deleted`.replace(
      'an merchant',
      'a merchant',
    ),
    rest: `POST /admin/${name}s/{id}/reject`,
    access: 'portals:write',
    input: z.strictObject({ id: UserId, reason: prose(500, 3).describe('Why; told by mail') }),
    output: z.object({ id: UserId, deletedAt: Moment }),
    errors: {
      NOT_PENDING: conflict('This account does not wait to be approved: its state shows what it is.'),
    },
    example: {
      input: { id: exampleUser.id, reason: 'Not a concert organizer' },
      output: { id: exampleUser.id, deletedAt: '2026-11-21T10:00:00.000Z' },
    },
  }),
})

const portalOf = <const N extends PortalName>(name: N) => ({
  ...signingIn(name),
  ...profile(name),
  ...managing(name),
})

/** Organizers: principals of their own, whose tokens are good in their portal alone. */
export const organizers = portalOf('organizer')

/** Merchants: principals of their own, whose tokens are good in their portal alone. */
export const merchants = portalOf('merchant')
