import type { Database } from '../database.ts'
import type { Migrations } from '../migrate.ts'
import { BackupError, type BackupSummary, sameRows } from './format.ts'
import { backupLines, digestsOf } from './lines.ts'
import { restoreLines } from './restore.ts'

/**
 * Copies one database into another, which may be of the other engine, all or nothing: what the target holds is read
 * back and compared with the source row by row. A source that was written to meanwhile is told by `BackupError`.
 */
export const moveDatabase = async <S, T>(
  from: Database<S>,
  to: Database<T>,
  migrations: Migrations,
  options: { readonly replace?: boolean } = {},
): Promise<BackupSummary> => {
  const moved = await restoreLines(to, () => backupLines(from), migrations, options)
  const now = await digestsOf(from)
  const changed = moved.tables.filter(
    (told) => !now.some((found) => found.table === told.table && sameRows(found, told)),
  )
  if (changed.length > 0)
    throw new BackupError(
      `the source was written to while it was moved (${changed.map(({ table }) => table).join(', ')}): the target holds its state of ${moved.madeAt}; stop what writes to the source and move again with --replace`,
    )
  return moved
}
