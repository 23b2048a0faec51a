import type { Access, CommonErrorCode } from '@plinth/contract'
import { type Role, roles } from '@plinth/core'

/** Everybody who may try: nobody in particular, and each role. */
export const everybody = [
  'anonymous',
  'user',
  'support',
  'moderator',
  'manager',
  'admin',
  'super_admin',
] as const

/** Somebody who may try, by role. */
export type Anybody = (typeof everybody)[number]

/** The code that refuses a role, or null where it may call. */
export const refusalOf = (access: Access, who: Anybody): CommonErrorCode | null => {
  if (access === 'public') return null
  if (who === 'anonymous') return 'NOT_SIGNED_IN'
  if (access === 'user') return null
  if (typeof access === 'string') return roles[who].has(access) ? null : 'FORBIDDEN'
  return 'own' in access ? null : 'TOKEN_WRONG_AUDIENCE'
}

/** The lowest role that may call; null where nobody has to be signed in. */
export const callerRole = (access: Access): Role | null => {
  const lowest = everybody.find((who) => refusalOf(access, who) === null)
  if (lowest === undefined) throw new Error(`No role may call what needs ${JSON.stringify(access)}`)
  return lowest === 'anonymous' ? null : lowest
}
