import { common } from '../failure.ts'

/** How much of a file tells its type. */
export const TYPE_BYTES = 4100

const TEXT = /^(?:text\/(?:plain|csv)|application\/json)$/
const ALIASES: Readonly<Record<string, string>> = { 'image/apng': 'image/png', 'audio/vnd.wave': 'audio/wav' }

const isText = (bytes: Uint8Array): boolean => {
  if (bytes.includes(0)) return false
  try {
    // The last character may be cut in two.
    new TextDecoder('utf-8', { fatal: true }).decode(bytes, { stream: true })
    return true
  } catch {
    // Not UTF-8, and so no text: that is the answer.
    return false
  }
}

/** The type without its parameters, in lower case. */
export const bareType = (type: string): string => (type.split(';')[0] ?? '').trim().toLowerCase()

const found = async (bytes: Uint8Array, declared: string): Promise<string | null> => {
  const { fileTypeFromBuffer } = await import('file-type')
  const detected = await fileTypeFromBuffer(bytes)
  if (detected) return ALIASES[detected.mime] ?? detected.mime
  // Text has no signature: it is what it says it is, if it is text at all.
  return TEXT.test(declared) && isText(bytes) ? declared : null
}

/**
 * Finds the type of a file by how it begins, and holds it to what it was declared as and to what is allowed.
 * @throws {Failure} UNSUPPORTED_MEDIA_TYPE, naming the field and the allowed types.
 */
export const checkFileType = async (
  file: { readonly path: string; readonly begin: Uint8Array; readonly declared: string },
  allowed: readonly string[],
): Promise<string> => {
  const declared = bareType(file.declared)
  const type = allowed.includes(declared) ? await found(file.begin, declared) : declared
  if (type === declared && allowed.includes(type)) return type
  const is = type === declared ? type : `not ${declared}, as it says`
  throw common('UNSUPPORTED_MEDIA_TYPE', {
    errors: [{ path: file.path, message: `is ${is || 'of no type'}; accepted are ${allowed.join(', ')}` }],
  })
}
