import { type RestAnswer, type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addAccount, codeTo, NEW_PASSWORD, otherThan, routes } from '../../test/otp.ts'
import type { CoreDb } from '../db.ts'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app[Symbol.asyncDispose]())

// Each call counts against the limit of its address, whoever it is for.
const UNLIKE = new Set(['date', 'ratelimit-remaining', 'ratelimit-reset'])

const shown = ({ status, headers, text }: RestAnswer) => ({
  status,
  text,
  headers: [...headers].filter(([name]) => !UNLIKE.has(name)),
})

const post = async (path: string, body: object) =>
  shown(await app.rest('POST', path, { body, headers: { 'x-request-id': 'the-same' } }))

const counts = async () => {
  const count = (table: 'one_time_codes' | 'outbox' | 'audit_log' | 'throttles') =>
    app.db
      .as<CoreDb>()
      .read.selectFrom(table)
      .select(({ fn }) => fn.countAll<number>().as('count'))
      .executeTakeFirstOrThrow()
      .then(({ count: found }) => Number(found))
  return [
    await count('one_time_codes'),
    await count('outbox'),
    await count('audit_log'),
    await count('throttles'),
  ]
}

const traits = {
  user: () => ({}),
  organizer: () => ({ portal: 'organizer' as const }),
  merchant: () => ({ portal: 'merchant' as const }),
}

describe.each(['user', 'organizer', 'merchant'] as const)('for the account of %s', (kind) => {
  const { forgot, reset } = routes[kind]
  const known = `known-${kind}@example.com`
  const unknown = `unknown-${kind}@example.com`

  /** What both answer to a call, and how many rows it adds, one after the other. */
  const both = async (path: string, bodyOf: (email: string) => object) => {
    const start = await counts()
    const one = await post(path, bodyOf(known))
    const between = await counts()
    const other = await post(path, bodyOf(unknown))
    const end = await counts()
    expect(end.map((count, index) => count - (between[index] ?? 0))).toEqual(
      between.map((count, index) => count - (start[index] ?? 0)),
    )
    expect(other).toEqual(one)
    return one
  }

  test('every step answers the same bytes whether or not there is one, and leaves as many rows', async () => {
    await addAccount(app, known, traits[kind]())
    const guess = (email: string) => ({ email, code: '000000', newPassword: NEW_PASSWORD })
    expect((await both(reset, guess)).status).toBe(422)
    for (const by of ['code', 'link']) {
      expect((await both(forgot, (email) => ({ email, by }))).status).toBe(200)
      expect((await both(forgot, (email) => ({ email, by }))).status).toBe(429)
      await app.settle()
      app.clock.advance(60_000)
    }
    await both(forgot, (email) => ({ email }))
    const code = otherThan(await codeTo(app, known))
    const wrong = (email: string) => ({ email, code, newPassword: NEW_PASSWORD })
    for (let index = 0; index < 7; index += 1) expect((await both(reset, wrong)).status).toBe(422)
    await both(reset, (email) => ({ ...wrong(email), newPassword: 'quite a BYRON phrase 5' }))
    await both(reset, (email) => ({ ...wrong(email), newPassword: 'password1234' }))
    app.clock.advance(60_000)
    for (const status of [200, 429]) expect((await both(forgot, (email) => ({ email }))).status).toBe(status)
    for (let index = 0; index < 11; index += 1) await both(reset, wrong)
    expect((await both(reset, wrong)).status).toBe(429)
    await app.settle()
    expect(await app.composed.mailbox.list({ to: unknown })).toEqual([])
  })
})

test("the row that is kept for nobody looks like any other, and tells nobody's address", async () => {
  await addAccount(app, 'row@example.com')
  const emails = ['row@example.com', 'no-row@example.com']
  for (const email of emails) await post(routes.user.forgot, { email })
  await app.settle()
  const rows = await app.db
    .as<CoreDb>()
    .read.selectFrom('one_time_codes')
    .selectAll()
    .orderBy('id', 'desc')
    .limit(2)
    .execute()
  expect(rows.map(({ user_id: user }) => user === null)).toContain(true)
  for (const row of rows) {
    expect(row.secret).toMatch(/^[0-9a-f]{64}$/)
    expect(JSON.stringify(row)).not.toContain('example.com')
  }
})
