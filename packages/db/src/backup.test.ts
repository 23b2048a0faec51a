import { appendFile, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync, gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { backupFileLines, checkBackupFile, writeBackupFile } from './backup/file.ts'
import { BackupError } from './backup/format.ts'
import { digestsOf } from './backup/lines.ts'
import { restoreLines } from './backup/restore.ts'
import { migrate, rollback } from './migrate.ts'
import { schemaOf } from './schema.ts'
import {
  earlyNotes as early,
  fillNotes,
  noteMigrations as migrations,
  NOTES,
  type NoteTables,
} from './testing/notes.ts'
import { testDatabase } from './testing.ts'

let folder = ''
let files = 0
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plinth-backup-'))
})
afterAll(() => rm(folder, { recursive: true }))
const newFile = () => join(folder, `${++files}.backup.gz`)

const empty = () => testDatabase<NoteTables>({})
const filled = async () => {
  const db = await testDatabase<NoteTables>(early)
  await fillNotes(db)
  return db
}
const from = (path: string) => () => backupFileLines(path)

const rewritten = async (path: string, change: (lines: string[]) => string[]): Promise<string> => {
  const lines = gunzipSync(await readFile(path))
    .toString()
    .trimEnd()
    .split('\n')
  const other = newFile()
  await writeFile(other, gzipSync(`${change(lines).join('\n')}\n`))
  return other
}

describe('a backup', () => {
  test('brings every row back as it was, references and full text with it, and later migrations are applied', async () => {
    await using source = await filled()
    const path = newFile()
    const made = await writeBackupFile(source, path)
    expect(made.tables.map(({ table, rows }) => [table, rows])).toEqual([
      ['folders', 3],
      ['log', 2],
      ['notes', NOTES],
    ])
    const before = await source.read.selectFrom('notes').selectAll().orderBy('id').execute()

    await using target = await empty()
    const restored = await restoreLines(target, from(path), migrations)
    expect(restored.tables).toEqual(made.tables)
    expect(await target.read.selectFrom('notes').selectAll().orderBy('id').execute()).toEqual(before)
    const found = target.read
      .selectFrom('folders')
      .select(['id', 'color' as never])
      .where(target.dialect.matches('folders', ['zeb']))
    expect(await found.execute()).toEqual([{ id: 'a', color: 'red' }])
    await expect(
      target.transaction((trx) =>
        trx.insertInto('folders').values({ id: 'c', parent_id: 'nowhere', words: '' }).execute(),
      ),
    ).rejects.toThrow()
    await expect(target.transaction((trx) => trx.deleteFrom('log').execute())).rejects.toThrow('append-only')

    await using fresh = await testDatabase(migrations)
    expect(await schemaOf(target)).toEqual(await schemaOf(fresh))
    expect(await rollback(target, migrations, 'all')).toHaveLength(3)
  })

  test('is one state of the data, though others write while it is made', async () => {
    await using db = await filled()
    let on = true
    let written = 0
    const writer = (async () => {
      while (on) {
        // Always two at once: a backup with one of them would be torn.
        await db.transaction(async (trx) => {
          await trx
            .insertInto('folders')
            .values({ id: `w${written}`, parent_id: 'root', words: '' })
            .execute()
          await trx
            .insertInto('log')
            .values({ id: `w${written}` })
            .execute()
        })
        written += 1
        await new Promise(setImmediate)
      }
    })()
    const path = newFile()
    const { tables } = await writeBackupFile(db, path)
    const during = written
    on = false
    await writer
    const rows = (name: string) => tables.find(({ table }) => table === name)?.rows ?? 0
    expect(during).toBeGreaterThan(0)
    expect(rows('folders') - 3).toBe(rows('log') - 2)
  })

  test('is readable by its owner alone, and has its name only when it is whole', async () => {
    await using db = await filled()
    const path = newFile()
    await writeBackupFile(db, path)
    expect((await stat(path)).mode & 0o777).toBe(0o600)
    await expect(writeBackupFile(db, path)).rejects.toThrow('is there already')
    await using without = await empty()
    const never = newFile()
    await expect(writeBackupFile(without, never)).rejects.toThrow('plinth migrate')
    expect((await readdir(folder)).filter((name) => never.endsWith(name) || name.endsWith('.part'))).toEqual(
      [],
    )
  })
})

describe('a restore', () => {
  test('refuses a database that is not empty unless it is told to replace it', async () => {
    await using source = await filled()
    const path = newFile()
    const { tables } = await writeBackupFile(source, path)
    await using target = await testDatabase<NoteTables>(migrations)
    await target.transaction((trx) => trx.insertInto('log').values({ id: 'mine' }).execute())
    await expect(restoreLines(target, from(path), migrations)).rejects.toThrow(/not empty .*log.*--replace/)
    expect(await target.read.selectFrom('log').selectAll().execute()).toEqual([{ id: 'mine' }])
    // The database is newer than `early`: a version that does not know it all must not replace it.
    await expect(restoreLines(target, from(path), early, { replace: true })).rejects.toThrow('add_color')
    await restoreLines(target, from(path), migrations, { replace: true })
    const digests = await digestsOf(target)
    for (const told of tables.filter(({ table }) => table !== 'folders')) expect(digests).toContainEqual(told)
    expect(await target.read.selectFrom('folders').select('id').orderBy('id').execute()).toHaveLength(3)
  })

  test.each<[string, (lines: string[]) => string[], RegExp]>([
    ['cut off', (lines) => lines.slice(0, 900), /cut off/],
    ['without its last line', (lines) => lines.slice(0, -1), /cut off/],
    [
      'with a changed row',
      (lines) => lines.map((line) => line.replace('"zebra"', '"zebrA"')),
      /damaged in the table folders/,
    ],
    [
      'with a row less',
      (lines) => lines.filter((line) => !line.startsWith('["n00007"')),
      /damaged in the table notes/,
    ],
    [
      'with a line that is no JSON',
      (lines) => lines.map((line) => (line.startsWith('["n00007"') ? '["n' : line)),
      /no JSON/,
    ],
    [
      'with a table less',
      (lines) => [
        ...lines.filter((line, index) => index < lines.length - 1 && !/"log"|"one"|"two"/.test(line)),
        '{"tables":2}',
      ],
      /lacks the tables log/,
    ],
    [
      'of another format',
      (lines) => [(lines[0] ?? '').replace('"format":1', '"format":2'), ...lines.slice(1)],
      /newer version/,
    ],
    [
      'of a newer version',
      (lines) => [(lines[0] ?? '').replace('_create_notes', '_create_notez'), ...lines.slice(1)],
      /newer than this version.*_create_notez/,
    ],
    ['that is none', () => ['{"hello":1}'], /no backup of ours/],
    [
      'with another column',
      (lines) => lines.map((line) => line.replace('["words","text"]', '["wordz","text"]')),
      /other columns/,
    ],
  ])('of a backup %s is refused and changes nothing', async (_, change, message) => {
    await using source = await filled()
    const path = newFile()
    await writeBackupFile(source, path)
    const damaged = await rewritten(path, change)
    await using target = await empty()
    const restoring = restoreLines(target, from(damaged), migrations)
    await expect(restoring).rejects.toThrow(message)
    await expect(restoring).rejects.toThrow(BackupError)
    expect(await schemaOf(target)).toEqual([])
    await restoreLines(target, from(path), migrations)
  })

  test('of what is no gzip file, or is not there, says so', async () => {
    const path = newFile()
    await appendFile(path, 'hello')
    await expect(checkBackupFile(path)).rejects.toThrow(`${path} can't be read as a backup`)
    await expect(checkBackupFile(newFile())).rejects.toThrow(/ENOENT/)
  })
})

test('migrating on after a restore finds nothing to do', async () => {
  await using source = await filled()
  const path = newFile()
  await writeBackupFile(source, path)
  await using target = await empty()
  await restoreLines(target, from(path), migrations)
  expect(await migrate(target, migrations)).toEqual([])
})
