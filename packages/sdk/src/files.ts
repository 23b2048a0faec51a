import type { AppRouter, Form, Problem } from '@plinth/contract'
import { TRPCClientError } from '@trpc/client'
import { reach, readJson } from './answers.ts'
import { type CallError, type ErrorReason, toCallError } from './errors.ts'
import { type CallContext, type Connection, type InnerContext, type Progress, randomKey } from './trace.ts'
import { counting } from './uploading.ts'

interface FileOptions {
  /** Ends the transfer at once, in its middle too. */
  readonly signal?: AbortSignal
  /** Told again and again how far the transfer is. */
  readonly onProgress?: (progress: Progress) => void
}

interface ProcedureOptions {
  signal?: AbortSignal
  context?: Record<string, unknown>
}

/** A procedure that takes a file. */
export interface UploadProcedure<Input = never, Output = unknown> {
  mutate(input: Input, options?: ProcedureOptions): Promise<Output>
}

/** A procedure that answers a file. */
export interface DownloadProcedure<Input = never> {
  query(input: Input, options?: ProcedureOptions): Promise<{ url: string; expiresAt: string }>
}

type FieldsOf<P> = P extends { mutate(input: infer Input, ...rest: never[]): unknown }
  ? Input extends Form<infer Fields>
    ? Fields
    : never
  : never
type OutputOf<P> = P extends { mutate(...given: never[]): Promise<infer Output> } ? Output : never
type InputOf<P> = P extends { query(input: infer Input, ...rest: never[]): unknown } ? Input : never

const callOptions = (
  { signal }: FileOptions,
  context: { readonly [K in keyof InnerContext]: InnerContext[K] | undefined },
) => ({
  ...(signal && { signal }),
  context,
})

const formOf = (fields: object): FormData => {
  const form = new FormData()
  for (const [name, value] of Object.entries(fields)) {
    if (value instanceof Blob) form.set(name, value)
    else if (value !== undefined && value !== null) form.set(name, String(value))
  }
  return form
}

/**
 * Sends a file with its fields. It is sent once: what fails on its way is not sent again by itself.
 *
 * @example
 * await upload(shop.images.create, { file, alt: 'Front' }, { onProgress: ({ loaded }) => show(loaded) })
 */
export const upload = async <P extends UploadProcedure>(
  procedure: P,
  fields: FieldsOf<P>,
  options: FileOptions & CallContext = {},
): Promise<OutputOf<P>> => {
  const { signal: _signal, ...context } = options
  return (await procedure.mutate(formOf(fields) as never, callOptions(options, context))) as OutputOf<P>
}

/** A file that came down. Read it once, in one of the ways. */
export interface Downloaded {
  /** The name to save it under; null where the server gave none, or keeps it from pages of other origins. */
  readonly filename: string | null
  readonly contentType: string
  /** In bytes, where the server said so. */
  readonly size: number | null
  readonly stream: ReadableStream<Uint8Array>
  blob(): Promise<Blob>
  text(): Promise<string>
}

const refusal = async (response: Response): Promise<unknown> => {
  const { detail, code, requestId, errors, status } = (await readJson(response)) as Problem
  const data = { code, requestId, httpStatus: status, ...(errors && { errors }) }
  return TRPCClientError.from<AppRouter>(
    { error: { message: detail, code: -32600, data } },
    { meta: { response } },
  )
}

const filenameOf = (headers: Headers): string | null => {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(headers.get('content-disposition') ?? '')?.[1]
  return encoded === undefined ? null : decodeURIComponent(encoded)
}

const failing = (cause: unknown, signal: AbortSignal | undefined, requestId: string): CallError => {
  const reason: { reason?: ErrorReason } = signal?.aborted ? { reason: 'abort' } : {}
  return toCallError(signal?.aborted ? signal.reason : cause, { requestId, ...reason })
}

const downloadedOf = (response: Response, { onProgress }: FileOptions): Downloaded => {
  const { headers } = response
  const length = headers.get('content-length')
  // What travels compressed has another length than what is read.
  const size = length === null || headers.has('content-encoding') ? null : Number(length)
  const body = response.body ?? new Blob([]).stream()
  const stream = onProgress ? body.pipeThrough(counting(size, onProgress)) : body
  const whole = new Response(stream)
  const contentType = headers.get('content-type') ?? 'application/octet-stream'
  return {
    filename: filenameOf(headers),
    contentType,
    size,
    stream: whole.body ?? stream,
    blob: async () => new Blob([await whole.arrayBuffer()], { type: contentType }),
    text: () => whole.text(),
  }
}

/**
 * Fetches a file: first its signed address, then its bytes, which come as they are read.
 *
 * @example
 * const { filename, blob } = await download(shop.images.get, { id }, { signal })
 */
export const download = async <P extends DownloadProcedure>(
  procedure: P,
  input: InputOf<P>,
  options: FileOptions & CallContext = {},
): Promise<Downloaded> => {
  const { signal, onProgress: _onProgress, ...context } = options
  let connection: Connection | undefined
  const onConnection = (found: Connection) => {
    connection = found
  }
  const { url } = await procedure.query(input as never, callOptions(options, { ...context, onConnection }))
  if (!connection) throw new Error('download takes procedures of a client that createClient made')
  const { fetch, url: base } = connection
  const requestId = randomKey()
  try {
    const init: RequestInit = { headers: { 'x-request-id': requestId }, ...(signal && { signal }) }
    const response = await reach(() => fetch(new URL(url, base).href, init))
    if (!response.ok) throw await refusal(response)
    return downloadedOf(response, options)
  } catch (cause) {
    throw failing(cause, signal, requestId)
  }
}
