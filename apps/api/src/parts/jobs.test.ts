import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { AdapterTables } from '@plinth/adapters'
import { createDb } from '@plinth/db'
import { eventually, testDatabaseUrl } from '@plinth/db/testing'
import { startServerProcess } from '@plinth/testing'
import { expect, test } from 'vitest'
import { compose } from '../compose.ts'
import { readConfig } from '../config.ts'
import { plinth } from '../systems.ts'

const register = (url: string, email: string) =>
  fetch(`${url}/api/v1/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password: 'correct horse battery', name: 'Ada Byron' }),
  })

test('a server does its jobs where its database keeps them best, without a setting, and ends them at its stop', async () => {
  const { url: DATABASE_URL, dispose } = await testDatabaseUrl({})
  const db = await createDb<AdapterTables>({ url: DATABASE_URL })
  try {
    await using server = await startServerProcess({ DATABASE_URL, PLINTH_DEMO: 'false' })
    expect((await register(server.url, 'ada@example.com')).status).toBe(201)
    const mails = () => db.read.selectFrom('mailbox').select('recipient').execute()
    await eventually(async () => expect(await mails()).toEqual([{ recipient: 'ada@example.com' }]))
    const metrics = async () => (await fetch(`${server.url}/metrics`)).text()
    await eventually(async () => expect(await metrics()).toContain('plinth_jobs_kept{state="done"} 2'))
    expect(await metrics()).toContain('plinth_jobs_total{name="send-verification-mail",result="done"} 1')
    const rows = await db.read.selectFrom('jobs').select('id').execute()
    expect(rows).toHaveLength(db.address === null ? 2 : 0)
    expect(await server.end('SIGTERM')).toBe(0)
  } finally {
    await db.close()
    await dispose()
  }
})

test('a store that the database can not be is refused with what to do', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-jobs-'))
  const settings = readConfig({ DATABASE_URL: `file:${join(folder, 'a.db')}`, PLINTH_JOBS_STORE: 'pgboss' })
  await expect(compose(settings, plinth)).rejects.toThrow('set database.url, or store to table')
  await rm(folder, { recursive: true })
})
