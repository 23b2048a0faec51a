import { createReadStream } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import {
  type ByteRange,
  type Clock,
  contentDisposition,
  type Dependency,
  type FileContent,
  type Files,
  isFileKey,
  type NewFile,
  newFileKey,
  OutsideError,
  type SignedFile,
  type SignOptions,
  type StoredFile,
} from '@plinth/kit'
import { orNull } from './or-null.ts'
import { receive } from './receive.ts'

/** Where an S3 bucket is and who may use it. */
export interface S3Settings {
  readonly bucket: string
  readonly region: string
  /** Left out: that of the region at AWS. */
  readonly endpoint?: string | undefined
  /** Whether the bucket stands in the path rather than in the host's name, as most other servers want it. */
  readonly pathStyle: boolean
  /** What keys begin with, such as `plinth/`. */
  readonly prefix: string
  /** Left out: those of the environment or the machine. */
  readonly accessKeyId?: string | undefined
  readonly secretAccessKey?: string | undefined
  /** How long a connection may be silent, also while a body is read. */
  readonly idleMs: number
}

interface S3Deps {
  readonly settings: S3Settings
  readonly dependency: Dependency
  readonly clock: Clock
}

/** Files in a bucket, with what holds its connections. */
export interface S3Files extends Files {
  close(): void
}

interface Answered {
  readonly ContentLength?: number | undefined
  readonly ContentType?: string | undefined
  readonly Metadata?: Readonly<Record<string, string>> | undefined
}

const statusOf = (error: unknown): number | undefined =>
  (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode

const isAbsent = (error: unknown): boolean =>
  error instanceof Error && (error.name === 'NoSuchKey' || error.name === 'NotFound')

/** What the store declined: nothing that another try would change. 403 is for the operator to mend, and so is no refusal. */
const asRefusal = (error: unknown): unknown => {
  const status = statusOf(error) ?? 0
  const isRefusal = status >= 400 && status < 500 && ![401, 403, 404, 408, 429].includes(status)
  return isRefusal ? new OutsideError('files', 'refused', { permanent: true, cause: error }) : error
}

const toStored = (key: string, size: number, { ContentType, Metadata }: Answered): StoredFile => ({
  key,
  size,
  sha256: Metadata?.sha256 ?? '',
  contentType: ContentType ?? 'application/octet-stream',
})

const ignore = (): void => undefined
const SILENT = { debug: ignore, info: ignore, warn: ignore, error: ignore }

/** A client of one bucket, each of whose calls goes through the dependency. The library is loaded here. */
const openBucket = async (settings: S3Settings, dependency: Dependency) => {
  const commands = await import('@aws-sdk/client-s3')
  const { region, endpoint, pathStyle, idleMs, accessKeyId, secretAccessKey } = settings
  const client = new commands.S3Client({
    region,
    ...(endpoint !== undefined && { endpoint }),
    ...(accessKeyId !== undefined &&
      secretAccessKey !== undefined && { credentials: { accessKeyId, secretAccessKey } }),
    forcePathStyle: pathStyle,
    requestHandler: { connectionTimeout: idleMs, socketTimeout: idleMs },
    // Servers other than AWS do not know checksums at the end of a body; ours stand in a header.
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
    // What it has to say stands in its errors too.
    logger: SILENT,
    // One place decides about further tries: the dependency.
    maxAttempts: 1,
  })
  return {
    client,
    commands,
    placeOf: (key: string) => ({ Bucket: settings.bucket, Key: `${settings.prefix}${key}` }),
    call: <T>(work: (signal: AbortSignal) => Promise<T>, signal?: AbortSignal): Promise<T> =>
      dependency.call(
        async (abort) => {
          try {
            return await work(abort)
          } catch (error) {
            throw asRefusal(error)
          }
        },
        { idempotent: true, ...(signal && { signal }) },
      ),
  }
}

type Bucket = Awaited<ReturnType<typeof openBucket>>

/** Spools what comes in to the disk, so that its hash goes ahead of it and a try can be repeated. */
const put = async ({ client, commands, placeOf, call }: Bucket, file: NewFile): Promise<StoredFile> => {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-file-'))
  const path = join(folder, 'content')
  try {
    const { size, sha256 } = await receive(file, path)
    const stored = { key: newFileKey(), size, sha256: sha256.toString('hex'), contentType: file.contentType }
    const head = {
      ...placeOf(stored.key),
      ContentLength: size,
      ContentType: file.contentType,
      ChecksumSHA256: sha256.toString('base64'),
      Metadata: { sha256: stored.sha256 },
    }
    await call(async (abortSignal) => {
      const body = createReadStream(path)
      try {
        await client.send(new commands.PutObjectCommand({ ...head, Body: body }), { abortSignal })
      } finally {
        body.destroy()
      }
    }, file.signal)
    return stored
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const get = async (
  { client, commands, placeOf, call }: Bucket,
  key: string,
  range: ByteRange | undefined,
): Promise<FileContent | null> => {
  const command = { ...placeOf(key), ...(range && { Range: `bytes=${range.start}-${range.end}` }) }
  const answer = await call(async (abortSignal) => {
    try {
      return await orNull(client.send(new commands.GetObjectCommand(command), { abortSignal }), isAbsent)
    } catch (error) {
      // An answer, not a failure: the store is well.
      if (statusOf(error) === 416) return new RangeError(`The file has no bytes from ${range?.start}`)
      throw error
    }
  })
  if (answer instanceof RangeError) throw answer
  if (!answer?.Body) return null
  const length = answer.ContentLength ?? 0
  const start = range?.start ?? 0
  const size = Number(/\/(\d+)$/.exec(answer.ContentRange ?? '')?.[1] ?? length)
  return {
    ...toStored(key, size, answer),
    range: { start, end: start + length - 1 },
    body: answer.Body.transformToWebStream() as ReadableStream<Uint8Array>,
  }
}

const sign = async (
  { client, commands, placeOf }: Bucket,
  { key, contentType }: Pick<StoredFile, 'key' | 'contentType'>,
  { expiresInMs, filename, inline }: SignOptions,
  signingDate: Date,
): Promise<SignedFile> => {
  const { getSignedUrl } = await import('@aws-sdk/s3-request-presigner')
  const expiresIn = Math.max(1, Math.floor(expiresInMs / 1000))
  const command = new commands.GetObjectCommand({
    ...placeOf(key),
    ResponseContentDisposition: contentDisposition(contentType, { filename, inline }),
    ResponseContentType: contentType,
  })
  const url = await getSignedUrl(client, command, { expiresIn, signingDate })
  return { url, expiresAt: new Date(signingDate.getTime() + expiresIn * 1000).toISOString() }
}

/** Keeps files in a bucket of S3, or of a server that speaks like it. */
export const createS3 = async ({ settings, dependency, clock }: S3Deps): Promise<S3Files> => {
  const bucket = await openBucket(settings, dependency)
  const { client, commands, placeOf, call } = bucket
  return {
    put: (file) => put(bucket, file),
    get: async (key, range) => (isFileKey(key) ? get(bucket, key, range) : null),
    async head(key) {
      if (!isFileKey(key)) return null
      const answer = await call((abortSignal) =>
        orNull(client.send(new commands.HeadObjectCommand(placeOf(key)), { abortSignal }), isAbsent),
      )
      return answer && toStored(key, answer.ContentLength ?? 0, answer)
    },
    async delete(key) {
      if (!isFileKey(key)) return
      await call((abortSignal) =>
        client.send(new commands.DeleteObjectCommand(placeOf(key)), { abortSignal }),
      )
    },
    sign: async (file, options) => sign(bucket, file, options, clock.now()),
    close: () => client.destroy(),
  }
}
