import type { Case } from './case.ts'
import { credentials, objects, permissions } from './cases-access.ts'
import { agreements } from './cases-agreement.ts'
import { audits, goodCalls, methods } from './cases-calls.ts'
import { cookieWrites } from './cases-cookies.ts'
import { bodies, documented, fields } from './cases-input.ts'
import { repetitions } from './cases-keys.ts'
import { privileges } from './cases-privileges.ts'

/** Everything that must hold for every procedure over every wire. */
export const cases: readonly Case[] = [
  ...goodCalls,
  ...audits,
  ...repetitions,
  ...credentials,
  ...permissions,
  ...privileges,
  ...cookieWrites,
  ...methods,
  ...objects,
  ...bodies,
  ...fields,
  ...documented,
]

/** Everything that must hold for every procedure once, over all its wires together. */
export const wholeCases: readonly Case[] = agreements
