import { createReadStream, createWriteStream } from 'node:fs'
import { access, rename, rm, stat } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createGzip } from 'node:zlib'
import type { Database } from '../database.ts'
import { messageOf } from '../errors.ts'
import { BackupError, type BackupSummary, type TableDigest } from './format.ts'
import { backupLines } from './lines.ts'
import { readBackup } from './reader.ts'

const BLOCK = 64 * 1024

async function* blocksOf(lines: AsyncIterable<string>): AsyncGenerator<string, undefined> {
  let block = ''
  for await (const line of lines) {
    block += `${line}\n`
    if (block.length < BLOCK) continue
    yield block
    block = ''
  }
  if (block !== '') yield block
}

// Not by readline: it takes U+2028 for the end of a line, which JSON leaves as it is.
async function* linesIn(texts: AsyncIterable<string>): AsyncGenerator<string, undefined> {
  let rest = ''
  for await (const text of texts) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

/** The lines of a backup file; one that can't be unpacked is refused by `BackupError`. */
export async function* backupFileLines(path: string): AsyncGenerator<string, undefined> {
  const file = createReadStream(path)
  const texts = createGunzip()
  file.on('error', (error) => texts.destroy(error))
  texts.setEncoding('utf8')
  try {
    yield* linesIn(file.pipe(texts))
  } catch (error) {
    if (error instanceof BackupError) throw error
    throw new BackupError(`${path} can't be read as a backup: ${messageOf(error)}`, { cause: error })
  } finally {
    file.destroy()
    texts.destroy()
  }
}

/** Reads a backup file from its start to its end without a database: every hash and count must be right. */
export const checkBackupFile = (path: string): Promise<BackupSummary> =>
  readBackup(backupFileLines(path), async ({ header, tables }) => {
    const digests: TableDigest[] = []
    for await (const { rows, digest } of tables) {
      while (!(await rows.next()).done);
      digests.push(digest())
    }
    return { madeAt: header.madeAt, migrations: header.migrations, tables: digests }
  })

const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )

/**
 * Writes a backup file while others go on writing to the database. It has its name only once it was read back in full;
 * nobody but its owner may read it, for it holds what identifies people.
 */
export const writeBackupFile = async <T>(
  database: Database<T>,
  path: string,
): Promise<BackupSummary & { readonly bytes: number }> => {
  if (await exists(path)) throw new BackupError(`${path} is there already: name another file`)
  const part = `${path}.${process.pid}.part`
  try {
    const lines = Readable.from(blocksOf(backupLines(database)))
    await pipeline(lines, createGzip(), createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true }))
    const summary = await checkBackupFile(part)
    const { size } = await stat(part)
    await rename(part, path)
    return { ...summary, bytes: size }
  } catch (error) {
    await rm(part, { force: true })
    throw error
  }
}
