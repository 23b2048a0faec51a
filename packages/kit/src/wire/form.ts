import { innermost, shapeOf } from '@plinth/contract'
import { z } from 'zod'
import { checkFileType, TYPE_BYTES } from '../files/type.ts'

/** What the contract says of one file of a form; what it leaves out is undefined. */
export interface FileLimit {
  readonly maxBytes: number | undefined
  readonly types: readonly string[] | undefined
}

/** The files that a form may have, by the name of their field. */
export type FormLimits = ReadonlyMap<string, FileLimit>

const limitOf = (schema: z.ZodFile): FileLimit => {
  let maxBytes: number | undefined
  let types: readonly string[] | undefined
  for (const check of schema.def.checks ?? []) {
    const { def } = check._zod
    if (def.check === 'max_size' && 'maximum' in def && typeof def.maximum === 'number')
      maxBytes = def.maximum
    if (def.check === 'mime_type' && 'mime' in def && Array.isArray(def.mime)) types = def.mime.map(String)
  }
  return { maxBytes, types }
}

/** Reads from an input which files a form may have, so that what is too much is refused before it is kept in memory. */
export const formLimitsOf = (input: z.ZodType): FormLimits => {
  const limits = new Map<string, FileLimit>()
  for (const [name, field] of Object.entries(shapeOf(input))) {
    const schema = innermost(field)
    if (schema instanceof z.ZodFile) limits.set(name, limitOf(schema))
  }
  return limits
}

/**
 * Holds the files of a form to their types by what they contain, whatever they say that they are.
 * @throws {Failure} UNSUPPORTED_MEDIA_TYPE for the first that is another.
 */
export const checkFiles = async (form: FormData, limits: FormLimits): Promise<void> => {
  for (const [path, value] of form) {
    const types = limits.get(path)?.types
    if (types === undefined || !(value instanceof File)) continue
    const begin = new Uint8Array(await value.slice(0, TYPE_BYTES).arrayBuffer())
    await checkFileType({ path, begin, declared: value.type }, types)
  }
}
