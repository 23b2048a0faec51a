import { randomUUID } from 'node:crypto'
import { sql } from 'kysely'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rows, type ThingsServer, thingsServer } from '../../test/server.ts'
import { createLog } from '../log.ts'
import { claimed } from './idempotency.ts'

let server: ThingsServer
beforeAll(async () => {
  server = await thingsServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const log = createLog({ level: 'silent', modules: {} }).module('keys')
/** One try of a keyed request, as one process of several makes it. */
const attempt = (key: string, work: () => Promise<string>) => {
  const request = { principal: 'usr_ada', key, requestHash: 'the same' }
  return claimed(request, { db: server.db, clock: server.clock, lifeMs: 3_600_000, log }, work)
}
const renameTable = (from: string, to: string) =>
  server.db.transaction((trx) => sql`alter table ${sql.id(from)} rename to ${sql.id(to)}`.execute(trx))

describe('a key without a transaction around its work', () => {
  test('is not given back when the work was done and only its answer could not be kept', async () => {
    const key = randomUUID()
    const done = await attempt(key, async () => {
      await renameTable('idempotency_keys', 'away')
      return '"done"'
    })
    await renameTable('away', 'idempotency_keys')
    expect(done).toEqual({ json: '"done"', replayed: false })
    await expect(attempt(key, async () => '"done twice"')).rejects.toMatchObject({
      code: 'IDEMPOTENCY_IN_PROGRESS',
    })
  })

  test.each(['fails', 'succeeds'] as const)(
    'that was taken over keeps the answer of its successor when the first try %s late',
    async (end) => {
      const key = randomUUID()
      const [begun, ended] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
      const first = attempt(key, async () => {
        begun.resolve()
        await ended.promise
        if (end === 'fails') throw new Error('too late')
        return '"first"'
      })
      const outcome = Promise.allSettled([first])
      await begun.promise
      server.clock.advance(60_001)
      expect(await attempt(key, async () => '"second"')).toEqual({ json: '"second"', replayed: false })
      ended.resolve()
      await outcome
      expect(await attempt(key, async () => '"third"')).toEqual({ json: '"second"', replayed: true })
    },
  )

  test('is given back by a failure, and its answer outlives the claim', async () => {
    const key = randomUUID()
    const failing = attempt(key, async () => {
      throw new Error('no')
    })
    await expect(failing).rejects.toThrow('no')
    await attempt(key, async () => '"yes"')
    server.clock.advance(3_000_000)
    expect(await attempt(key, async () => '"again"')).toEqual({ json: '"yes"', replayed: true })
  })
})

describe('another request with the same key is refused', () => {
  const measure = (key: string, content: string) => {
    const body = new FormData()
    body.set('name', 'a file')
    body.set('file', new File([content], 'a.txt', { type: 'text/plain' }))
    return server.rest('POST', '/api/v1/things/measure', {
      token: 'ada',
      body,
      headers: { 'idempotency-key': key },
    })
  }

  test('when a file of the same name, type and size holds something else', async () => {
    const key = randomUUID()
    const first = await measure(key, 'one')
    const again = await measure(key, 'one')
    expect([again.status, again.text]).toEqual([first.status, first.text])
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect((await measure(key, 'two')).body).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
  })

  test('when its password is another one, of which the table tells nothing', async () => {
    const { id } = await server.as('ada').shop.things.create.mutate({ name: 'of a password' })
    const key = randomUUID()
    const rename = (password: string) =>
      server.rest('POST', `/api/v1/things/${id}/rename`, {
        token: 'max',
        body: { name: 'with a password', password },
        headers: { 'idempotency-key': key },
      })
    expect((await rename('right')).status).toBe(200)
    expect((await rename('right')).headers.get('idempotency-replayed')).toBe('true')
    expect((await rename('wrong')).body).toMatchObject({ code: 'IDEMPOTENCY_KEY_REUSED' })
    const kept = (await rows(server, 'idempotency_keys')).filter((row) => row.key === key)
    expect(kept).toHaveLength(1)
    expect(JSON.stringify(kept)).not.toContain('right')
  })
})
