import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { lastBackups } from '@plinth/core'
import { createDb } from '@plinth/db'
import { testDatabaseUrl, testEngine, testEngines } from '@plinth/db/testing'
import type { KitTables } from '@plinth/kit'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { allMigrations } from '../systems.ts'
import { runCommand } from './run.ts'

let folder = ''
const cleanUp: (() => Promise<void>)[] = []
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plinth-cli-'))
})
afterAll(async () => {
  for (const dispose of cleanUp) await dispose()
  await rm(folder, { recursive: true })
})

const database = async (
  migrations = allMigrations(),
  engine?: (typeof testEngines)[number],
): Promise<string> => {
  const { url, dispose } = await testDatabaseUrl(migrations, engine)
  cleanUp.push(dispose)
  return url
}

const plinth = async (url: string, ...args: string[]) => {
  const printed: string[] = []
  const warned: string[] = []
  const code = await runCommand(args, {
    env: { DATABASE_URL: url, PLINTH_PASSWORD_HASH_MEMORY_COST: '64', PLINTH_PASSWORD_HASH_TIME_COST: '1' },
    print: (line) => printed.push(line),
    warn: (line) => warned.push(line),
  })
  return { code, printed: printed.join('\n'), warned: warned.join('\n') }
}

const query = async <R>(
  url: string,
  work: (db: Awaited<ReturnType<typeof open>>) => Promise<R>,
): Promise<R> => {
  const db = await open(url)
  try {
    return await work(db)
  } finally {
    await db.close()
  }
}
const open = (url: string) => createDb<KitTables & { products: { id: string; folded_name: string } }>({ url })

describe('the command line', () => {
  test('gives an account a role, and says what is missing', async () => {
    const url = await database()
    await plinth(url, 'demo')
    const email = 'user@demo.plinth.dev'
    expect(await plinth(url, 'role', email, 'super_admin')).toMatchObject({
      code: 0,
      printed: `${email} has the role super_admin`,
    })
    const entries = await query(url, (db) =>
      db.read.selectFrom('audit_log').selectAll().where('action', '=', 'core.users.setRole').execute(),
    )
    expect(entries).toMatchObject([{ outcome: 'done', actor_id: null }])
    expect((await plinth(url, 'role', 'nobody@example.com', 'admin')).warned).toContain('register it first')
    expect((await plinth(url, 'role', email, 'king')).code).toBe(1)
    expect((await plinth(url, 'role', email)).code).toBe(2)
  })

  test('says what there is, and ends with 2 when it is called in a wrong way', async () => {
    const url = await database()
    const help = await plinth(url, 'help')
    expect(help.code).toBe(0)
    for (const verb of [
      'migrate',
      'rollback',
      'backup',
      'restore',
      'verify',
      'move',
      'worker',
      'demo',
      'config',
    ])
      expect(help.printed).toContain(`plinth ${verb}`)
    for (const args of [
      [],
      ['nothing'],
      ['toString'],
      ['backup'],
      ['restore', 'a', 'b'],
      ['restore', 'a', '--force'],
      ['move', '--from', url],
      ['move', '--from', url, '--to'],
      ['move', '--from', url, '--to', url],
      ['verify', '--most', 'all'],
      ['rollback', 'x'],
      ['worker', 'now'],
    ]) {
      const { code, printed, warned } = await plinth(url, ...args)
      expect([args, code, printed]).toEqual([args, 2, ''])
      expect(warned).toContain('plinth ')
    }
  })

  test('migrates and takes back', async () => {
    const url = await database({})
    expect((await plinth(url, 'migrate')).printed).toContain('applied 20261121T0100_create_audit_log')
    expect((await plinth(url, 'migrate')).printed).toBe('nothing to apply')
    expect((await plinth(url, 'rollback', 'all')).printed).toContain(
      'took back 20261121T0100_create_audit_log',
    )
    expect((await plinth(url, 'rollback')).printed).toBe('nothing to take back')
  })

  test('says what to do when the database does not answer', async () => {
    // Nobody listens on this port.
    const address = new URL(await database({}, testEngines[1]))
    Object.assign(address, { username: 'user', password: 'hidden', port: '1' })
    const { code, warned } = await plinth(address.href, 'verify')
    expect(code).toBe(1)
    expect(warned).toMatch(/:1 does not answer.*DATABASE_URL/)
    expect(warned).not.toContain('hidden')
  })
})

describe('backup and restore', () => {
  test('bring the demo data back, and what was done is recorded', async () => {
    const url = await database()
    await plinth(url, 'demo')
    const made = await plinth(url, 'backup', `${folder}/daily/`)
    expect(made).toMatchObject({ code: 0, warned: '' })
    const [name = ''] = await readdir(join(folder, 'daily'))
    expect(name).toMatch(/^plinth-\d{8}T\d{6}Z\.backup\.gz$/)
    expect(made.printed).toContain(name)
    const { done } = await query(url, lastBackups)
    expect(done).toMatchObject({ error: null, location: join(folder, 'daily', name) })
    expect(done?.rows).toBeGreaterThan(4000)

    const target = await database({})
    const restored = await plinth(target, 'restore', join(folder, 'daily', name))
    expect(restored).toMatchObject({ code: 0, warned: '' })
    expect((await plinth(target, 'verify')).printed).toMatch(/^(\d+) of \1 invariants hold$/)
    const again = await plinth(target, 'restore', join(folder, 'daily', name))
    expect(again.code).toBe(1)
    expect(again.warned).toContain('--replace')
    expect((await plinth(target, 'restore', join(folder, 'daily', name), '--replace')).code).toBe(0)
  })

  test('a backup that fails is recorded as such', async () => {
    const url = await database()
    const { code, warned } = await plinth(url, 'backup', join(folder, 'no', 'such', 'folder.gz'))
    expect(code).toBe(1)
    expect(warned).toContain('ENOENT')
    const { done, tried } = await query(url, lastBackups)
    expect(done).toBeNull()
    expect(tried?.error).toContain('ENOENT')
  })

  test('a file that is no backup is refused and says so', async () => {
    const { code, warned } = await plinth(await database({}), 'restore', import.meta.filename)
    expect(code).toBe(1)
    expect(warned).toMatch(/can't be read as a backup/)
  })
})

describe('verify', () => {
  test('names each row that breaks an invariant and ends with 1', async () => {
    const url = await database()
    await plinth(url, 'demo')
    expect((await plinth(url, 'verify')).code).toBe(0)
    const ids = await query(url, (db) =>
      db.transaction(async (trx) => {
        const some = await trx.selectFrom('products').select('id').orderBy('id').limit(3).execute()
        const of = some.map(({ id }) => id)
        await trx.updateTable('products').set({ folded_name: 'zzz' }).where('id', 'in', of).execute()
        return of
      }),
    )
    const all = await plinth(url, 'verify')
    expect(all.code).toBe(1)
    expect(all.printed).toContain('broken: products.words')
    for (const id of ids) expect(all.printed).toContain(`products id=${id}: `)
    const two = await plinth(url, 'verify', '--most', '2')
    expect(two.printed).not.toContain(ids[2])
    expect(two.printed).toContain('perhaps more')
  })
})

describe('move', () => {
  test('copies everything to the other engine, says the hashes and verifies', async () => {
    const other = testEngines.find((engine) => engine !== testEngine())
    const source = await database()
    await plinth(source, 'demo')
    const target = await database({}, other)
    const moved = await plinth(target, 'move', '--from', source, '--to', target)
    expect(moved).toMatchObject({ code: 0, warned: '' })
    expect(moved.printed).toMatch(/products: \d+ rows, SHA-256 [0-9a-f]{64}/)
    expect(moved.printed).toMatch(/(\d+) of \1 invariants hold$/)
    expect((await plinth(target, 'move', '--from', source, '--to', target)).warned).toContain('--replace')
  })
})
