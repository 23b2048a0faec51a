import type { ReadDb, WriteDb } from '@plinth/db'
import type { CoreDb } from '../db.ts'
import { plainAddress } from './addresses.ts'
import { createRules, type JudgedRule } from './rules.ts'
import { MOST_RULES } from './state.ts'

// Where a rule can be undone; whoever may call this comes in to repair the rest.
const PROCEDURE = 'core.addressRules.delete'
const PATHS = ['/api/v1/address-rules', `/trpc/${PROCEDURE}`]

/** All rules that hold. */
export const heldRules = (db: ReadDb<CoreDb> | WriteDb<CoreDb>, now: Date) =>
  db
    .selectFrom('address_rules')
    .select(['id', 'effect', 'routes', 'range', 'expires_at'])
    .where((eb) => eb.or([eb('expires_at', 'is', null), eb('expires_at', '>', now.toISOString())]))
    .limit(MOST_RULES)
    .execute()

/** Whether somebody at an address could still undo rules, were these all that hold. */
export const keepsWayIn = (rules: readonly JudgedRule[], from: string, now: Date): boolean => {
  const [judge, address, at] = [createRules(rules), plainAddress(from), now.getTime()]
  if (judge.refusesCall(address, PROCEDURE, at)) return false
  return PATHS.some((path) => !judge.refusesPath(address, path, false, at))
}
