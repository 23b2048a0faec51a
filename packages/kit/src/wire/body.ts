import type { Exchange } from '../exchange.ts'
import { common } from '../failure.ts'
import { checkFiles, type FormLimits } from './form.ts'

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

const NO_FILES: FormLimits = new Map()

const formFields = async (exchange: Exchange, files: FormLimits): Promise<Record<string, unknown>> => {
  const form = await exchange.formData(files)
  await checkFiles(form, files)
  const fields = emptyRecord()
  for (const key of new Set(form.keys())) {
    const values = form.getAll(key)
    // A field given twice stays a list, which the schema takes or refuses.
    fields[key] = values.length === 1 ? values[0] : values
  }
  return fields
}

/** Reads a body by its content type: JSON, or a form with the files that it may have. No body is undefined. */
export const readBody = async (exchange: Exchange, files = NO_FILES): Promise<unknown> => {
  const type = exchange.header('content-type') ?? ''
  if (type.startsWith('multipart/form-data')) return formFields(exchange, files)
  const text = await exchange.text()
  if (text === '') return undefined
  // RFC 8259, section 8.1: JSON that travels is UTF-8.
  if (!/^application\/(.+\+)?json\b(?!.*charset=(?!["']?utf-8\b))/i.test(type))
    throw common('UNSUPPORTED_MEDIA_TYPE')
  return parseJson(text)
}
