import { z } from 'zod'
import { own, permissions } from '../access.ts'
import { conflict, forbidden, invalid } from '../errors.ts'
import { mutation, query } from '../procedure.ts'
import { Locale, Phone, TimeZone } from '../words/formats.ts'
import { id } from '../words/ids.ts'
import { Moment } from '../words/moments.ts'
import { page, pageInput } from '../words/page.ts'
import { line, prose } from '../words/text.ts'
import { Account, exampleAccount } from './accounts.ts'
import { grantErrors, RoleName } from './roles.ts'

const UserId = id('usr')
const State = z.enum(['active', 'pending', 'disabled', 'banned'])

/** An account as administrators see it; it holds no secret. */
export const User = Account.extend({
  portal: z.enum(['organizer', 'merchant']).nullable().describe('Whose principal it is; null: a person'),
  state: State.describe('pending waits to be approved; disabled and banned can not sign in'),
  stateReason: z.string().nullable().describe('Why, in the words of who decided it'),
  stateAt: Moment.nullable(),
  grants: z.array(z.string()).describe('Permissions beside those of the role'),
  deletedAt: Moment.nullable(),
}).meta({ id: 'User' })

export type User = z.infer<typeof User>

const example: User = {
  ...exampleAccount,
  portal: null,
  state: 'active',
  stateReason: null,
  stateAt: null,
  grants: [],
  deletedAt: null,
}
const banned: User = {
  ...example,
  state: 'banned',
  stateReason: 'Sold tickets twice',
  stateAt: '2026-11-21T10:00:00.000Z',
}

const byId = z.strictObject({ id: UserId })
const Reason = prose(500, 3).describe('Why; kept with the account and in the audit log')

const OUTRANKED = forbidden('This account may do as much as yours or more: ask somebody who stands above it.')
const LAST_SUPER_ADMIN = conflict(
  'This is the last account that may do all: give another one its role first.',
)
const guarded = { OUTRANKED, LAST_SUPER_ADMIN } as const
const NOT_ACTIVE = conflict('This account can not be used as it is: its state shows why.')

/** Accounts as administrators manage them. */
export const users = {
  /** List accounts, newest first, by role, state, portal and text */
  list: query({
    summary: 'List accounts, newest first, by role, state, portal and text',
    rest: 'GET /admin/users',
    access: 'users:read',
    input: z.strictObject({
      ...pageInput,
      role: RoleName.optional(),
      state: State.optional(),
      portal: z.enum(['organizer', 'merchant', 'none']).optional().describe('none: only persons'),
      q: line(100)
        .optional()
        .describe('Words that name or email address begin with; case and accents are ignored'),
    }),
    output: page(User),
    example: { input: { role: 'user', state: 'active' }, output: { items: [example], nextCursor: null } },
  }),

  /** List accounts that were deleted and can be restored, newest first */
  listDeleted: query({
    summary: 'List accounts that were deleted and can be restored, newest first',
    rest: 'GET /admin/users/deleted',
    access: 'users:read',
    input: z.strictObject(pageInput),
    output: page(User),
    example: {
      input: {},
      output: { items: [{ ...example, deletedAt: '2026-11-21T10:00:00.000Z' }], nextCursor: null },
    },
  }),

  /** Read an account: the own one, or anybody's with users:read */
  get: query({
    summary: "Read an account: the own one, or anybody's with users:read",
    rest: ['GET /users/{id}', 'GET /admin/users/{id}'],
    access: own('users:read'),
    input: byId,
    output: User,
    example: { input: { id: example.id }, output: example },
  }),

  /** Change the profile of an account: the own one, or anybody's with users:write; only the fields given change */
  update: mutation({
    summary:
      "Change the profile of an account: the own one, or anybody's with users:write; only the fields given change",
    rest: ['PUT /users/{id}', 'PUT /admin/users/{id}'],
    access: own('users:write'),
    input: z.strictObject({
      id: UserId,
      name: line(100).optional(),
      phone: Phone.nullable().optional().describe('International form (E.164); null removes it'),
      locale: Locale.optional(),
      timeZone: TimeZone.optional(),
    }),
    output: User,
    errors: { OUTRANKED },
    example: { input: { id: example.id, name: 'Ada Byron' }, output: example },
  }),

  /** Delete an account: the own one, or anybody's with users:write; its logins end, and it can be restored */
  delete: mutation({
    summary:
      "Delete an account: the own one, or anybody's with users:write; its logins end, and it can be restored",
    rest: ['DELETE /users/{id}', 'DELETE /admin/users/{id}'],
    access: own('users:write'),
    scope: null,
    fresh: true,
    input: byId,
    output: z.object({ id: UserId, deletedAt: Moment, endedLogins: z.int() }),
    errors: guarded,
    example: {
      input: { id: example.id },
      output: { id: example.id, deletedAt: '2026-11-21T10:00:00.000Z', endedLogins: 2 },
    },
  }),

  /** Bring back an account that was deleted */
  restore: mutation({
    summary: 'Bring back an account that was deleted',
    rest: 'POST /admin/users/{id}/restore',
    access: 'users:write',
    scope: null,
    input: byId,
    output: User,
    errors: {
      OUTRANKED,
      EMAIL_TAKEN: conflict('Another account has its email address now: change that one first.'),
      NOT_DELETED: conflict('This account is not deleted: there is nothing to bring back.'),
    },
    example: { input: { id: example.id }, output: example },
  }),

  /** Give an account another role; it counts with the next request */
  setRole: mutation({
    summary: 'Give an account another role; it counts with the next request',
    rest: 'PUT /admin/users/{id}/role',
    access: 'users:write',
    scope: null,
    fresh: true,
    input: z.strictObject({ id: UserId, role: RoleName }),
    output: User,
    errors: {
      ...guarded,
      ...grantErrors,
      ROLE_UNKNOWN: invalid('There is no such role: choose one of those that the roles list.'),
    },
    example: { input: { id: example.id, role: 'manager' }, output: { ...example, role: 'manager' } },
  }),

  /** Give an account permissions beside those of its role, in place of those it had so; they count with the next request */
  setGrants: mutation({
    summary:
      'Give an account permissions beside those of its role, in place of those it had so; they count with the next request',
    rest: 'PUT /admin/users/{id}/grants',
    access: 'users:write',
    scope: null,
    fresh: true,
    input: z.strictObject({ id: UserId, permissions: z.array(z.enum(permissions)).max(permissions.length) }),
    output: User,
    errors: { OUTRANKED, ...grantErrors },
    example: {
      input: { id: example.id, permissions: ['jobs:read'] },
      output: { ...example, grants: ['jobs:read'] },
    },
  }),

  /** Disable an account: its logins end, and it can not sign in until it is enabled */
  disable: mutation({
    summary: 'Disable an account: its logins end, and it can not sign in until it is enabled',
    rest: 'POST /admin/users/{id}/disable',
    access: 'users:write',
    scope: null,
    input: z.strictObject({ id: UserId, reason: Reason.optional() }),
    output: User,
    errors: { ...guarded, NOT_ACTIVE },
    example: {
      input: { id: example.id, reason: 'Left the company' },
      output: { ...banned, state: 'disabled', stateReason: 'Left the company' },
    },
  }),

  /** Let an account be used again that was disabled */
  enable: mutation({
    summary: 'Let an account be used again that was disabled',
    rest: 'POST /admin/users/{id}/enable',
    access: 'users:write',
    scope: null,
    input: byId,
    output: User,
    errors: {
      OUTRANKED,
      NOT_DISABLED: conflict('This account is not disabled: its state shows what keeps it from being used.'),
    },
    example: { input: { id: example.id }, output: example },
  }),

  /** Ban an account with a reason: its logins end, and it is refused everywhere */
  ban: mutation({
    summary: 'Ban an account with a reason: its logins end, and it is refused everywhere',
    rest: 'POST /admin/users/{id}/ban',
    access: 'users:ban',
    scope: null,
    input: z.strictObject({ id: UserId, reason: Reason }),
    output: User,
    errors: { ...guarded, NOT_ACTIVE },
    example: { input: { id: example.id, reason: 'Sold tickets twice' }, output: banned },
  }),

  /** Let an account be used again that was banned */
  unban: mutation({
    summary: 'Let an account be used again that was banned',
    rest: 'POST /admin/users/{id}/unban',
    access: 'users:ban',
    scope: null,
    input: byId,
    output: User,
    errors: {
      OUTRANKED,
      NOT_BANNED: conflict('This account is not banned: its state shows what keeps it from being used.'),
    },
    example: { input: { id: example.id }, output: example },
  }),

  /** End every login of an account at once */
  logout: mutation({
    summary: 'End every login of an account at once',
    rest: 'POST /admin/users/{id}/logout',
    access: 'users:write',
    scope: null,
    input: byId,
    output: z.object({ id: UserId, endedLogins: z.int() }),
    errors: { OUTRANKED },
    example: { input: { id: example.id }, output: { id: example.id, endedLogins: 2 } },
  }),

  /** Act in the place of an account for a short while; every audit entry names who does */
  impersonate: mutation({
    summary: 'Act in the place of an account for a short while; every audit entry names who does',
    rest: 'POST /admin/users/{id}/impersonate',
    access: 'users:impersonate',
    scope: null,
    fresh: true,
    idempotent: false,
    input: z.strictObject({
      id: UserId,
      reason: Reason,
      minutes: z.int().min(1).max(60).default(15).describe('After so long it ends'),
    }),
    output: z.object({
      loginId: id('lgn'),
      accessToken: z.string().describe('Send it as Authorization: Bearer; it can not be refreshed'),
      expiresAt: Moment,
      account: Account,
    }),
    errors: {
      OUTRANKED,
      NOT_ACTIVE,
    },
    example: {
      input: { id: example.id, reason: 'Look into ticket 4711' },
      output: {
        loginId: 'lgn_01jd7m3x5sfa9v8k2cq4w6y8ze',
        accessToken: 'pla_3fJ8sK2mQ9xV7bN4cR6tY1wZ5aD0eGhL2pU8iO3jM9',
        expiresAt: '2026-11-21T09:45:00.000Z',
        account: exampleAccount,
      },
    },
  }),
}
