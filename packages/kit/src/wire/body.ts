import type { Exchange } from '../exchange.ts'
import { common } from '../failure.ts'

/** Parses JSON that a client sent. */
export const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw common('MALFORMED_REQUEST', { cause })
  }
}

/** A record without a prototype: no name that a client sends means anything in it. */
export const emptyRecord = (): Record<string, unknown> => Object.create(null) as Record<string, unknown>

const formFields = (form: FormData): Record<string, unknown> => {
  const fields = emptyRecord()
  for (const [key, value] of form) fields[key] = value
  return fields
}

/** Reads a body by its content type: JSON, or a form with files. No body is undefined. */
export const readBody = async (exchange: Exchange): Promise<unknown> => {
  const type = exchange.header('content-type') ?? ''
  if (type.startsWith('multipart/form-data')) return formFields(await exchange.formData())
  const text = await exchange.text()
  if (text === '') return undefined
  // RFC 8259, section 8.1: JSON that travels is UTF-8.
  if (!/^application\/(.+\+)?json\b(?!.*charset=(?!["']?utf-8\b))/i.test(type))
    throw common('UNSUPPORTED_MEDIA_TYPE')
  return parseJson(text)
}
