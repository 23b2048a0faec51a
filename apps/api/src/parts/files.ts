import { randomBytes } from 'node:crypto'
import { createFolder, createS3, type FolderFiles } from '@plinth/adapters'
import type { Clock, Files, Outside } from '@plinth/kit'
import type { Settings } from '../settings.ts'

interface FilesDeps {
  readonly clock: Clock
  readonly outside: Outside
}

/** Where files are kept. */
interface FilesPart {
  readonly files: Files
  /** The same where this server answers its signed addresses itself, else null. */
  readonly folder: FolderFiles | null
  close(): void
}

/** The file store that the settings ask for. */
export const filesPart = async (settings: Settings, { clock, outside }: FilesDeps): Promise<FilesPart> => {
  const { store, s3, folder: path } = settings.files
  const { bucket, ...rest } = s3
  if (store === 's3' && bucket !== undefined) {
    // A large file takes its time to go out.
    const dependency = outside.dependency('files', { timeoutMs: 60_000, deadlineMs: 120_000 })
    const files = await createS3({ settings: { ...rest, bucket }, dependency, clock })
    return { files, folder: null, close: files.close }
  }
  const folder = createFolder({
    path,
    // Without a secret of its own a server signs for its own life only.
    secret: settings.secret ?? randomBytes(32).toString('hex'),
    clock,
    baseUrl: settings.publicUrl ?? '',
  })
  return { files: folder, folder, close: () => undefined }
}
