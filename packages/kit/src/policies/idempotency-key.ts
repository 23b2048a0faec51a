import { createHash, createHmac, hash } from 'node:crypto'
import { type Procedure, shapeOf } from '@plinth/contract'
import type { z } from 'zod'
import type { Exchange } from '../exchange.ts'
import { common } from '../failure.ts'
import type { Actor } from '../ports.ts'

/** A keyed request: whose key it is, and a hash that tells another request with the same key apart. */
export interface KeyedRequest {
  readonly principal: string
  readonly key: string
  readonly requestHash: string
}

const secretFields = (schema: z.ZodType): ReadonlySet<string> =>
  new Set(Object.entries(shapeOf(schema)).flatMap(([key, field]) => (isSecret(field) ? [key] : [])))

const isSecret = (field: z.ZodType): boolean => field.meta()?.format === 'password'

// The sizes of the files are in the text, so that no two lists of files read the same.
const hashWithFiles = async (text: string, files: readonly File[]): Promise<string> => {
  const sum = createHash('sha256').update(text)
  for (const file of files) {
    const bytes: AsyncIterable<Uint8Array> = file.stream()
    for await (const chunk of bytes) sum.update(chunk)
  }
  return sum.digest('hex')
}

/**
 * Prepares the hash of a procedure's input. Passwords count by what the server's secret makes of them: the hash is a
 * fast one, and would let them be guessed from a stolen table. Files count with all their bytes.
 */
const prepareHash = (name: string, procedure: Procedure, secret: string) => {
  const secrets = secretFields(procedure.input)
  const sealed = (field: string, value: unknown): string =>
    createHmac('sha256', secret)
      .update(`idempotency\n${name}\n${field}\n${JSON.stringify(value)}`)
      .digest('hex')
  return (input: unknown): Promise<string> | string => {
    const files: File[] = []
    const shown = (field: string, value: unknown): unknown => {
      if (value instanceof File) {
        files.push(value)
        return [value.name, value.type, value.size]
      }
      return secrets.has(field) && value !== undefined ? sealed(field, value) : value
    }
    const text = `${name}\n${JSON.stringify(input, shown)}`
    return files.length === 0 ? hash('sha256', text, 'hex') : hashWithFiles(text, files)
  }
}

/** Prepares how the key of a request is read, if it has one. Keys of different users, and of their API keys, never meet. */
export const prepareKeyed = (name: string, procedure: Procedure, secret: string) => {
  const hashOf = prepareHash(name, procedure, secret)
  return async (
    given: string,
    exchange: Exchange,
    call: { input: unknown; actor: Actor | null; index: number },
  ): Promise<KeyedRequest> => {
    if (!/^[\x21-\x7e]{1,255}$/.test(given)) {
      const errors = [{ path: 'Idempotency-Key', message: 'must be 1 to 255 visible ASCII characters' }]
      throw common('IDEMPOTENCY_KEY_INVALID', { errors })
    }
    return {
      principal: call.actor?.key?.id ?? call.actor?.userId ?? `address:${exchange.address}`,
      key: call.index === 0 ? given : `${given}#${call.index}`,
      requestHash: await hashOf(call.input),
    }
  }
}
