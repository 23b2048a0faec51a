import { Busboy } from '@fastify/busboy'

// A form is small: what has more parts or longer names than this is no form of ours.
const LIMITS = { parts: 100, fieldNameSize: 100, headerPairs: 100 }

/**
 * Reads a multipart body (RFC 7578) that is held in memory, and so is bounded already.
 * Rejects when it is malformed or has more than 100 parts.
 */
export const readMultipart = (body: Buffer, contentType: string): Promise<FormData> =>
  new Promise((resolve, reject) => {
    const form = new FormData()
    const parser = new Busboy({ headers: { 'content-type': contentType }, limits: LIMITS })
    const tooMany = () => reject(new Error('The form has too many parts'))
    parser.on('field', (name, value) => form.append(name, value))
    parser.on('file', (name, stream, filename, _encoding, type) => {
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => form.append(name, new File([Buffer.concat(chunks)], filename, { type })))
    })
    parser.on('partsLimit', tooMany)
    parser.on('error', (error) => reject(error instanceof Error ? error : new Error(String(error))))
    parser.on('finish', () => resolve(form))
    parser.end(body)
  })
