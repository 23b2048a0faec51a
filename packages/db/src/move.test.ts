import { expect, test } from 'vitest'
import { digestsOf } from './backup/lines.ts'
import { moveDatabase } from './backup/move.ts'
import type { Database } from './database.ts'
import type { Migrations } from './migrate.ts'
import { earlyNotes as early, fillNotes, NOTES, type NoteTables } from './testing/notes.ts'
import { testDatabase, testEngine } from './testing.ts'

const filled = async () => {
  const db = await testDatabase<NoteTables>(early)
  await fillNotes(db)
  return db
}
const other = testEngine() === 'sqlite' ? 'postgres' : 'sqlite'

test('a move to the other engine brings every row, read back and compared', async () => {
  await using source = await filled()
  await using target = await testDatabase<NoteTables>({}, { engine: other })
  const moved = await moveDatabase(source, target, early)
  expect(moved.tables.map(({ rows }) => rows)).toEqual([3, 2, NOTES])
  expect(await digestsOf(target)).toEqual(await digestsOf(source))
  const rows = (db: Database<NoteTables>) => db.read.selectFrom('notes').selectAll().orderBy('id').execute()
  expect(await rows(target)).toEqual(await rows(source))
})

test('a move is told when the source was written to meanwhile', async () => {
  await using source = await filled()
  await using target = await testDatabase<NoteTables>({}, { engine: other })
  // The last migration runs after the rows were copied: the moment at which somebody writes.
  const late: Migrations = {
    ...early,
    '20260103T0000_write_to_the_source': {
      up: () =>
        source.transaction(async (trx) => {
          await trx.insertInto('log').values({ id: 'late' }).execute()
        }),
      down: () => Promise.resolve(),
    },
  }
  await expect(moveDatabase(source, target, late)).rejects.toThrow(/source was written to.*\(log\)/)
})
