import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Files } from '@plinth/kit'
import { createFakeClock } from '@plinth/testing'
import { type TestS3, testS3 } from '@plinth/testing/outside'
import { createFolder } from '../src/files/folder.ts'
import { createS3, type S3Settings } from '../src/files/s3.ts'
import { testDependency } from './outside.ts'

/** The content of a file, in pieces. */
export async function* pieces(...parts: (string | Uint8Array)[]): AsyncGenerator<Uint8Array> {
  for (const part of parts) yield Buffer.from(part)
}

/** All bytes of a stream as text. */
export const textOf = (body: ReadableStream<Uint8Array>): Promise<string> => new Response(body).text()

/** A folder of its own for files. */
export const testFolder = async () => {
  const path = await mkdtemp(join(tmpdir(), 'plinth-files-'))
  const clock = createFakeClock()
  const files = createFolder({ path, secret: 's'.repeat(32), clock, baseUrl: '' })
  return { files, path, clock, [Symbol.asyncDispose]: () => rm(path, { recursive: true }) }
}

/** Files in the bucket of a test server. */
export const filesOver = (server: TestS3, own: Partial<S3Settings> = {}, limits = {}) =>
  createS3({
    settings: {
      bucket: server.bucket,
      region: 'eu-central-1',
      endpoint: server.endpoint,
      pathStyle: true,
      prefix: 'plinth/',
      ...server.credentials,
      idleMs: 2000,
      ...own,
    },
    dependency: testDependency('files', limits),
    clock: { now: () => new Date() },
  })

/** Somewhere to keep files, whatever it is. */
export interface FilesSubject extends AsyncDisposable {
  readonly files: Files
}

/** Files in a bucket of their own. */
export const testBucket = async (): Promise<FilesSubject> => {
  const server = await testS3()
  const files = await filesOver(server)
  return {
    files,
    [Symbol.asyncDispose]: async () => {
      files.close()
      await server[Symbol.asyncDispose]()
    },
  }
}
