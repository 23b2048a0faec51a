import { strict as assert } from 'node:assert'
import { everybody, refusalOf } from './access.ts'
import { type Case, good, isPublic, kept, paramsOf, refused, writes } from './case.ts'
import { unknownObject } from './inputs.ts'
import { callerOf, isRefusal, refusal, send, type Target } from './matrix.ts'
import type { Caller } from './sample.ts'

const DAMAGED = 'pla_damaged'

const endedCallers = new WeakMap<object, Promise<Caller>>()

/** Somebody whose login has ended; one is enough for all. */
const endedCaller = <World, Who extends Caller>(target: Target<World, Who>): Promise<Caller> => {
  const make = async () => {
    const caller = await target.callers.fresh('admin')
    await target.callers.end(caller)
    return caller
  }
  const ended = endedCallers.get(target) ?? make()
  endedCallers.set(target, ended)
  return ended
}

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
      const ended = await endedCaller(subject.target)
      await refused(subject, request, DAMAGED, 'TOKEN_MALFORMED')
      await refused(subject, request, ended.refreshToken, 'TOKEN_WRONG_TYPE')
      await refused(subject, request, ended.accessToken, 'TOKEN_REVOKED')
      isRefusal(
        await send(subject, request, { headers: { authorization: 'Basic YTpi' } }),
        refusal('TOKEN_MALFORMED'),
      )
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
  {
    title: 'refuses a write by cookie from a page elsewhere',
    applies: ({ procedure }) => writes(procedure),
    async run(subject) {
      const { request } = await kept(subject)
      const caller = await subject.target.callers.of('admin')
      const headers = { cookie: `plinth_access=${caller.accessToken}`, origin: 'https://elsewhere.example' }
      isRefusal(await send(subject, request, { headers }), refusal('ORIGIN_NOT_ALLOWED'))
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
]
