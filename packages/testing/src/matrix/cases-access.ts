import { strict as assert } from 'node:assert'
import { type Role, roles } from '@plinth/core'
import { callerRole, everybody, refusalOf } from './access.ts'
import { type Case, good, isPublic, kept, paramsOf, refused } from './case.ts'
import { unknownObject } from './inputs.ts'
import { callerOf, isRefusal, refusal, send } from './matrix.ts'

const DAMAGED = 'pla_damaged'

/** What is true of credentials. */
export const credentials: readonly Case[] = [
  {
    title: 'refuses a call without credentials',
    applies: ({ procedure }) => !isPublic(procedure),
    async run(subject) {
      const { request } = await kept(subject)
      await refused(subject, request, undefined, 'NOT_SIGNED_IN')
    },
  },
  {
    title: 'refuses bad credentials, each with its reason',
    async run(subject) {
      const { request } = await kept(subject)
      const credentials = await subject.target.callers.bad()
      assert.ok(credentials.length > 0, 'There are no bad credentials')
      const { access } = subject.procedure
      for (const { title, headers, code, portal } of credentials) {
        // A caller of another portal is somebody, as good as any where anybody may call, and at home in its own.
        if (code === 'TOKEN_WRONG_AUDIENCE' && isPublic(subject.procedure)) continue
        if (typeof access === 'object' && 'portal' in access && access.portal === portal) continue
        const outcome = await send(subject, request, { headers })
        assert.deepEqual([title, outcome.code, outcome.status], [title, code, refusal(code).status])
      }
    },
  },
  {
    title: 'refuses a credential that is limited to other operations',
    applies: ({ procedure: { access } }) =>
      access !== 'public' && !(typeof access === 'object' && 'portal' in access),
    async run(subject) {
      const role = callerRole(subject.procedure.access)
      assert.ok(role)
      const token = await subject.target.callers.limited(role)
      await refused(subject, (await kept(subject)).request, token, 'SCOPE_MISSING')
    },
  },
  {
    title: 'refuses a stale cookie only where somebody must be signed in',
    async run(subject) {
      const { request } = await good(subject)
      const headers = { cookie: `plinth_access=${DAMAGED}`, origin: subject.target.server.url }
      const outcome = await send(subject, request, { headers })
      if (isPublic(subject.procedure)) assert.equal(outcome.status, outcome.expected)
      else isRefusal(outcome, refusal('TOKEN_MALFORMED'))
    },
  },
]

/** Who may call, role by role. */
export const permissions: readonly Case[] = everybody.map((who) => ({
  title: `lets in or refuses as declared: ${who}`,
  applies: ({ wire }) => !wire.inBatch,
  async run(subject) {
    const caller = who === 'anonymous' ? null : await callerOf(subject, who)
    const token = caller?.accessToken
    const code = refusalOf(subject.procedure.access, who)
    if (code !== null) {
      await refused(subject, (await kept(subject)).request, token, code)
      return
    }
    const input = await subject.sample.input(
      subject.target.world,
      isPublic(subject.procedure) ? null : caller,
    )
    const outcome = await send(subject, subject.wire.encode(input), { token })
    assert.equal(outcome.status, outcome.expected, `Answered ${outcome.answer.text}`)
  },
}))

/** What is true of records that are absent or somebody else's. */
export const objects: readonly Case[] = [
  {
    title: 'answers 404 for an id that nothing has',
    applies: ({ name, procedure }) => paramsOf(name, procedure).length > 0,
    async run(subject) {
      const { input, token } = await kept(subject)
      const unknown = unknownObject(paramsOf(subject.name, subject.procedure), input)
      await refused(subject, subject.wire.encode(unknown), token, 'NOT_FOUND')
    },
  },
  {
    title: "answers somebody else's object with the same bytes as an absent one",
    applies: ({ sample }) => sample.foreign !== undefined,
    async run(subject) {
      const { input, token } = await kept(subject)
      const unknown = unknownObject(paramsOf(subject.name, subject.procedure), input)
      const foreign = await subject.sample.foreign?.(subject.target.world)
      const headers = { 'x-request-id': 'the-same-for-both' }
      const absent = await send(subject, subject.wire.encode(unknown), { token, headers })
      const other = await send(subject, subject.wire.encode(foreign), { token, headers })
      isRefusal(other, refusal('NOT_FOUND'))
      assert.equal(other.answer.text, absent.answer.text)
    },
  },
  {
    title: "lets who may see all reach somebody else's object",
    applies: ({ procedure, wire, sample }) =>
      typeof procedure.access === 'object' &&
      'own' in procedure.access &&
      sample.foreign !== undefined &&
      !wire.inBatch,
    async run(subject) {
      const { access } = subject.procedure
      const mayAll = (role: Role) =>
        typeof access === 'object' && 'own' in access && roles[role].has(access.own)
      for (const role of everybody.filter((who) => who !== 'anonymous').filter(mayAll)) {
        const { accessToken } = await subject.target.callers.of(role)
        const foreign = await subject.sample.foreign?.(subject.target.world)
        const outcome = await send(subject, subject.wire.encode(foreign), { token: accessToken })
        assert.equal(outcome.status, outcome.expected, `${role}: answered ${outcome.answer.text}`)
      }
    },
  },
]
