import { createHash } from 'node:crypto'
import { open } from 'node:fs/promises'
import { common, type NewFile } from '@plinth/kit'

/**
 * Writes content into a new file, counting and hashing it on the way, until it is on the disk.
 * @throws {Failure} TOO_LARGE as soon as there is more than was allowed.
 */
export const receive = async ({ content, maxBytes, signal }: NewFile, path: string) => {
  const hash = createHash('sha256')
  let size = 0
  await using handle = await open(path, 'wx', 0o600)
  for await (const chunk of content) {
    signal?.throwIfAborted()
    size += chunk.length
    if (size > maxBytes) throw common('TOO_LARGE')
    hash.update(chunk)
    await handle.appendFile(chunk)
  }
  await handle.sync()
  return { size, sha256: hash.digest() }
}
