import type { Case } from './case.ts'
import { credentials, objects, permissions } from './cases-access.ts'
import { goodCalls, methods } from './cases-calls.ts'
import { bodies, documented, fields } from './cases-input.ts'

/** Everything that must hold for every procedure over every wire. */
export const cases: readonly Case[] = [
  ...goodCalls,
  ...credentials,
  ...permissions,
  ...methods,
  ...objects,
  ...bodies,
  ...fields,
  ...documented,
]
