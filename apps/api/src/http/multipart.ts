import type { IncomingMessage } from 'node:http'
import { Busboy } from '@fastify/busboy'
import { bareType, common, type Failure, type FileLimit, type FormLimits } from '@plinth/kit'
import { whenBrokenOff } from './broken-off.ts'

interface MultipartLimits {
  /** The files that the operation takes. */
  readonly files: FormLimits
  /** Most bytes of the whole body. */
  readonly maxBytes: number
}

// A form is small: what has more parts or longer names than this is no form of ours.
const LIMITS = { parts: 100, fieldNameSize: 100, headerPairs: 100 }
const CLOSE = { connection: 'close' }

const invalid = (path: string, message: string): Failure =>
  common('INVALID_INPUT', { headers: CLOSE, errors: [{ path, message }] })

const tooLarge = (path: string, maxBytes: number): Failure =>
  common('TOO_LARGE', { headers: CLOSE, errors: [{ path, message: `is larger than ${maxBytes} bytes` }] })

/** What is wrong with a file before a byte of it has come: nobody asked for it, or it says that it is of another type. */
const faultOf = (path: string, type: string, limit: FileLimit | undefined): Failure | null => {
  if (!limit) return invalid(path, 'is not a file that is expected here')
  if (!limit.types || limit.types.includes(type)) return null
  const message = `is ${type}; accepted are ${limit.types.join(', ')}`
  return common('UNSUPPORTED_MEDIA_TYPE', { headers: CLOSE, errors: [{ path, message }] })
}

const parserFor = (contentType: string, maxBytes: number) => {
  try {
    const headers = { 'content-type': contentType }
    return new Busboy({ headers, limits: { ...LIMITS, fieldSize: maxBytes } })
  } catch (cause) {
    // The header names no boundary.
    throw common('MALFORMED_REQUEST', { headers: CLOSE, cause })
  }
}

/**
 * Reads a multipart body (RFC 7578) as it comes in. What is too large, too much or of a wrong type is refused as soon as
 * that shows, and what follows is not kept. The request is never destroyed, for its socket has the answer to carry.
 */
export const readMultipart = (
  incoming: IncomingMessage,
  contentType: string,
  limits: MultipartLimits,
): Promise<FormData> =>
  new Promise((resolve, reject) => {
    const form = new FormData()
    const begun = new Set<string>()
    const { files, maxBytes } = limits
    const parser = parserFor(contentType, maxBytes)
    let left = maxBytes
    const take = (chunk: Buffer): void => {
      left -= chunk.length
      if (left < 0) fail(common('TOO_LARGE', { headers: CLOSE }))
      else parser.write(chunk)
    }
    const end = () => parser.end()
    const fail = (failure: Failure): void => {
      incoming.off('data', take).off('end', end)
      reject(failure)
    }
    const malformed = (cause: unknown) => fail(common('MALFORMED_REQUEST', { headers: CLOSE, cause }))
    parser.on('field', (name, value) => form.append(name, value))
    parser.on('file', (name, stream, filename, _encoding, declared) => {
      const type = bareType(declared)
      const limit = files.get(name)
      const fault = begun.has(name) ? invalid(name, 'is given twice') : faultOf(name, type, limit)
      if (fault) fail(fault)
      begun.add(name)
      const chunks: Buffer[] = []
      const most = limit?.maxBytes ?? maxBytes
      let size = 0
      // A part that is cut off fails on its own stream, and nobody else hears of it.
      stream.on('error', malformed)
      stream.on('data', (chunk: Buffer) => {
        size += chunk.length
        if (size > most) fail(tooLarge(name, most))
        else chunks.push(chunk)
      })
      stream.on('end', () => form.append(name, new File([Buffer.concat(chunks)], filename, { type })))
    })
    parser.on('partsLimit', () => malformed(new Error('The form has too many parts')))
    parser.on('error', malformed)
    parser.on('finish', () => resolve(form))
    incoming.on('data', take).once('end', end)
    whenBrokenOff(incoming, malformed)
  })
