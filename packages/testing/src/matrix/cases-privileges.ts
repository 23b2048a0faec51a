import { strict as assert } from 'node:assert'
import { fieldsOf } from '@plinth/contract'
import { type Case, kept, writes } from './case.ts'
import { isRefusal, refusal, send } from './matrix.ts'
import { isRecord } from './wire.ts'

const RAISING: Readonly<Record<string, string>> = {
  role: 'admin',
  permissions: 'system:write',
  isAdmin: 'true',
  scope: 'all',
  userId: 'usr_01jd7m3x5sfa9v8k2cq4w6y8ze',
  actorId: 'usr_01jd7m3x5sfa9v8k2cq4w6y8ze',
  ownerId: 'usr_01jd7m3x5sfa9v8k2cq4w6y8ze',
  emailVerifiedAt: '2026-11-21T09:30:00.000Z',
}

/** What is true of fields that would make more of a caller. */
export const privileges: readonly Case[] = [
  {
    title: 'lets nobody raise their own role or act for somebody else',
    applies: ({ procedure, wire }) => writes(procedure) && !wire.inBatch,
    async run(subject) {
      const { input, token } = await kept(subject)
      const known = fieldsOf(subject.procedure)
      const foreign = Object.entries(RAISING).filter(([field]) => !known.includes(field))
      assert.ok(foreign.length > 0, 'There is no field to try')
      for (const [field, value] of foreign) {
        const raised = { ...(isRecord(input) ? input : {}), [field]: value }
        const outcome = await send(subject, subject.wire.encode(raised), { token })
        isRefusal(outcome, refusal('INVALID_INPUT'))
        assert.deepEqual(outcome.fields, [field])
      }
    },
  },
]
