import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rows, type ThingsServer, thingsServer } from '../../test/server.ts'

let server: ThingsServer
beforeAll(async () => {
  server = await thingsServer()
})
afterAll(() => server[Symbol.asyncDispose]())

const create = (key: string, body: unknown, token = 'ada') =>
  server.rest('POST', '/api/v1/things', { token, body, headers: { 'idempotency-key': key } })
const named = async (name: string) => (await rows(server, 'things')).filter((row) => row.name === name)

describe('a keyed write has one effect', () => {
  test('the same key and request give the answer that was given before', async () => {
    const key = randomUUID()
    const first = await create(key, { name: 'once' })
    const again = await create(key, { name: 'once' })
    expect([first.status, again.status]).toEqual([201, 201])
    expect(again.text).toBe(first.text)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    expect(await named('once')).toHaveLength(1)
    const entries = await rows(server, 'audit_log')
    expect(entries.filter(({ target }) => target === (first.body as { id: string }).id)).toHaveLength(1)
  })

  test('the same key with another request is refused', async () => {
    const key = randomUUID()
    await create(key, { name: 'first' })
    expect((await create(key, { name: 'second' })).body).toMatchObject({
      status: 422,
      code: 'IDEMPOTENCY_KEY_REUSED',
    })
    expect(await named('second')).toHaveLength(0)
  })

  test('50 requests at once with one key have one effect; each gets the answer or is told to wait', async () => {
    const key = randomUUID()
    const answers = await Promise.all(Array.from({ length: 50 }, () => create(key, { name: 'raced' })))
    expect(await named('raced')).toHaveLength(1)
    const bodies = new Set(answers.filter(({ status }) => status === 201).map(({ text }) => text))
    expect(bodies.size).toBe(1)
    const others = answers.filter(({ status }) => status !== 201)
    expect(others.every(({ body }) => (body as { code: string }).code === 'IDEMPOTENCY_IN_PROGRESS')).toBe(
      true,
    )
  })

  test('the keys of two users never meet', async () => {
    const key = randomUUID()
    expect((await create(key, { name: 'of ada' }, 'ada')).status).toBe(201)
    expect((await create(key, { name: 'of bob' }, 'bob')).status).toBe(201)
  })

  test('a failure is not kept: the same key can be tried again', async () => {
    const key = randomUUID()
    expect((await create(key, { name: 'later', fail: 'crash' })).status).toBe(500)
    expect((await create(key, { name: 'later' })).status).toBe(201)
  })

  test('after its time a key is free again', async () => {
    const key = randomUUID()
    await create(key, { name: 'day one' })
    server.clock.advance(24 * 3_600_000 + 1)
    expect((await create(key, { name: 'day two' })).status).toBe(201)
  })

  test('a key that is empty, too long or not visible is refused', async () => {
    for (const key of ['', 'x'.repeat(256), 'a b'])
      expect((await create(key, { name: 'n' })).body, key).toMatchObject({
        status: 422,
        code: 'IDEMPOTENCY_KEY_INVALID',
      })
  })
})

describe('a keyed write without a transaction around it', () => {
  test('is replayed, and one that failed can be tried again', async () => {
    const { id } = await server.as('ada').shop.things.create.mutate({ name: 'old name' })
    const rename = (key: string, target: string) =>
      server.rest('POST', `/api/v1/things/${target}/rename`, {
        token: 'max',
        body: { name: 'new name' },
        headers: { 'idempotency-key': key },
      })
    const key = randomUUID()
    const first = await rename(key, id)
    await server.db
      .as<{ things: { id: string; name: string } }>()
      .transaction((trx) =>
        trx.updateTable('things').set({ name: 'changed since' }).where('id', '=', id).execute(),
      )
    const again = await rename(key, id)
    expect(again.text).toBe(first.text)
    expect(again.headers.get('idempotency-replayed')).toBe('true')
    const failing = randomUUID()
    const absent = `${id.slice(0, -1)}${id.endsWith('0') ? '1' : '0'}`
    expect((await rename(failing, absent)).status).toBe(404)
    expect((await rename(failing, absent)).status).toBe(404)
  })
})
