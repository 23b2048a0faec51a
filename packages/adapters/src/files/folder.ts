import { createReadStream } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { type Clock, type Files, isFileKey, type NewFile, newFileKey, type StoredFile } from '@plinth/kit'
import { orNull } from './or-null.ts'
import { clip } from './range.ts'
import { receive } from './receive.ts'
import { createTokens, type FileTicket } from './token.ts'

interface FolderDeps {
  /** Where files are kept; made when the first one comes. */
  readonly path: string
  /** Signs addresses. */
  readonly secret: string
  readonly clock: Clock
  /** What signed addresses begin with, such as https://shop.example; empty: they are relative to the server. */
  readonly baseUrl: string
}

/** Files in a folder; its signed addresses are answered by the server itself. */
export interface FolderFiles extends Files {
  /** What the token of a signed address stands for; null when it is not one of ours, or expired. */
  redeem(token: string): FileTicket | null
}

const UNFINISHED_MS = 24 * 3_600_000

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')

/** A rename is on the disk once the folder is. */
const syncFolder = async (path: string): Promise<void> => {
  await using handle = await open(path, 'r')
  await handle.sync()
}

const writeMeta = async (path: string, meta: StoredFile): Promise<void> => {
  await using handle = await open(path, 'wx', 0o600)
  await handle.writeFile(JSON.stringify(meta))
  await handle.sync()
}

/** Removes what writers left behind that ended in the middle. */
const sweep = async (folder: string, now: number): Promise<void> => {
  for (const name of await readdir(folder)) {
    const path = join(folder, name)
    const found = await orNull(stat(path), isAbsent)
    if (found && found.mtimeMs < now - UNFINISHED_MS) await rm(path, { recursive: true, force: true })
  }
}

/** Writes a file aside and moves it to its place; answers what is known of it. */
const write = async (file: NewFile, key: string, draft: string, place: string): Promise<StoredFile> => {
  await mkdir(draft, { mode: 0o700 })
  const { size, sha256 } = await receive(file, join(draft, 'content'))
  const stored = { key, size, sha256: sha256.toString('hex'), contentType: file.contentType }
  await writeMeta(join(draft, 'meta.json'), stored)
  await syncFolder(draft)
  const shard = dirname(place)
  await mkdir(shard, { recursive: true, mode: 0o700 })
  await rename(draft, place)
  await syncFolder(shard)
  return stored
}

/**
 * Keeps each file as a folder of two, its content and what is known of it. It is written aside and moved to its place
 * by one rename, so there is all of it or nothing, also after a crash.
 */
export const createFolder = ({ path, secret, clock, baseUrl }: FolderDeps): FolderFiles => {
  const root = resolve(path)
  const aside = join(root, 'unfinished')
  const tokens = createTokens(secret)
  const placeOf = (key: string): string => join(root, key.slice(0, 2), key)
  let isSwept = false

  const make = async (): Promise<void> => {
    if (isSwept) return
    await mkdir(aside, { recursive: true, mode: 0o700 })
    await sweep(aside, clock.now().getTime())
    isSwept = true
  }
  const head = async (key: string): Promise<StoredFile | null> => {
    if (!isFileKey(key)) return null
    const text = await orNull(readFile(join(placeOf(key), 'meta.json'), 'utf8'), isAbsent)
    return text === null ? null : (JSON.parse(text) as StoredFile)
  }

  return {
    async put(file) {
      await make()
      const key = newFileKey()
      const draft = join(aside, key)
      try {
        return await write(file, key, draft, placeOf(key))
      } catch (error) {
        await rm(draft, { recursive: true, force: true })
        throw error
      }
    },
    async get(key, range) {
      const stored = await head(key)
      if (!stored) return null
      const part = clip(stored.size, range)
      // Opened before it is promised: one that is deleted meanwhile can still be read to its end.
      const handle = await orNull(open(join(placeOf(key), 'content'), 'r'), isAbsent)
      if (!handle) return null
      const stream = createReadStream('', {
        fd: handle,
        start: part.start,
        end: Math.max(part.end, part.start),
      })
      return { ...stored, range: part, body: Readable.toWeb(stream) as ReadableStream<Uint8Array> }
    },
    head,
    async delete(key) {
      if (!isFileKey(key)) return
      await make()
      // Aside first: nobody finds half of it.
      const gone = join(aside, `${key}.deleted`)
      if (
        (await orNull(
          rename(placeOf(key), gone).then(() => true),
          isAbsent,
        )) === null
      )
        return
      await rm(gone, { recursive: true, force: true })
    },
    async sign({ key }, { expiresInMs, filename, inline }) {
      const expiresAt = clock.now().getTime() + expiresInMs
      const token = tokens.make({ key, filename, inline }, expiresAt)
      return { url: `${baseUrl}/files/${token}`, expiresAt: new Date(expiresAt).toISOString() }
    },
    redeem: (token) => tokens.read(token, clock.now().getTime()),
  }
}
