import { type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app[Symbol.asyncDispose]())

const HOUR_MS = 3_600_000
const jobs = () => app.composed.service.deps.jobs

const add = (name: string, key?: string) =>
  app.db.transaction((trx) =>
    jobs().enqueue(trx, [{ name, payload: { to: 'ada@example.com' }, ...(key && { key }) }], app.clock.now()),
  )

const code = (expected: string) => ({ data: { code: expected } })

/** Lets a job fail as often as it may, each time an hour later. */
const wearOut = async () => {
  for (let attempt = 0; attempt < 10; attempt += 1) {
    await app.settle()
    app.clock.advance(HOUR_MS)
  }
}

test('a job that was given up is found, read and tried anew, and what it carries is not shown', async () => {
  let works = false
  jobs().handle('fragile', async () => {
    if (!works) throw new Error('no server')
  })
  await add('fragile')
  await wearOut()
  const { client } = await app.as('admin')
  const { items } = await client.core.jobs.list.query({ state: 'dead', name: 'fragile' })
  expect(items).toMatchObject([{ state: 'dead', attempts: 10, maxAttempts: 10, error: 'Error: no server' }])
  const id = items[0]?.id ?? ''
  expect(await client.core.jobs.get.query({ id })).toEqual(items[0])
  expect(JSON.stringify(items)).not.toContain('ada@example.com')
  works = true
  const again = await client.core.jobs.redrive.mutate({ id })
  expect(again).toMatchObject({ id, state: 'ready', attempts: 0, finishedAt: null })
  await expect(client.core.jobs.redrive.mutate({ id })).rejects.toMatchObject(code('JOB_NOT_DEAD'))
  await app.settle()
  expect(await client.core.jobs.get.query({ id })).toMatchObject({ state: 'done', attempts: 1, error: null })
  const entries = await client.core.auditEntries.list.query({ action: 'core.jobs.redrive' })
  expect(entries.items[0]).toMatchObject({ target: id, outcome: 'done' })
})

test('a dead job whose key waits again is not tried anew', async () => {
  jobs().handle('keyed', () => Promise.reject(new Error('never')))
  await add('keyed', 'a')
  await wearOut()
  await add('keyed', 'a')
  const { client } = await app.as('admin')
  const { items } = await client.core.jobs.list.query({ name: 'keyed' })
  expect(items.map(({ state, key }) => [state, key])).toEqual([
    ['ready', 'a'],
    ['dead', 'a'],
  ])
  const redrive = client.core.jobs.redrive.mutate({ id: items[1]?.id ?? '' })
  await expect(redrive).rejects.toMatchObject(code('JOB_KEY_WAITS'))
})

test('jobs are listed page by page without a gap', async () => {
  for (const key of ['1', '2', '3', '4', '5']) await add('unknown', key)
  const { client } = await app.as('admin')
  const seen: (string | null)[] = []
  let cursor: string | undefined
  do {
    const page = await client.core.jobs.list.query({ name: 'unknown', limit: 2, cursor })
    seen.push(...page.items.map(({ key }) => key))
    cursor = page.nextCursor ?? undefined
  } while (cursor)
  expect(seen).toEqual(['5', '4', '3', '2', '1'])
  await expect(client.core.jobs.list.query({ cursor: 'wrong' })).rejects.toMatchObject(code('INVALID_INPUT'))
})

test('jobs are for those who may see them, and one that is not there is not found', async () => {
  const id = `job_${'0'.repeat(26)}`
  const { client } = await app.as('manager')
  await expect(client.core.jobs.list.query({})).rejects.toMatchObject(code('FORBIDDEN'))
  await expect(client.core.jobs.get.query({ id })).rejects.toMatchObject(code('FORBIDDEN'))
  await expect(client.core.jobs.redrive.mutate({ id })).rejects.toMatchObject(code('FORBIDDEN'))
  const { client: admin } = await app.as('admin')
  await expect(admin.core.jobs.get.query({ id })).rejects.toMatchObject(code('NOT_FOUND'))
  await expect(admin.core.jobs.redrive.mutate({ id })).rejects.toMatchObject(code('NOT_FOUND'))
})
