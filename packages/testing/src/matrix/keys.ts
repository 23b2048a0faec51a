import { z } from 'zod'
import { isRecord } from './wire.ts'

const below = (path: string, key: string): string => (path === '' ? key : `${path}.${key}`)

const ofObject = (schema: z.ZodObject, value: unknown, path: string): string[] => {
  if (!isRecord(value)) return []
  return Object.entries(value).flatMap(([key, inner]) => {
    const field: unknown = Object.hasOwn(schema.shape, key) ? schema.shape[key] : undefined
    return field instanceof z.ZodType ? unnamedKeys(field, inner, below(path, key)) : [below(path, key)]
  })
}

const ofEach = (schema: unknown, entries: Iterable<[string, unknown]>, path: string): string[] =>
  schema instanceof z.ZodType
    ? [...entries].flatMap(([key, inner]) => unnamedKeys(schema, inner, below(path, key)))
    : []

/** What of a union's options names most of a value. */
const ofUnion = (options: readonly unknown[], value: unknown, path: string): string[] => {
  const faults = options
    .filter((option) => option instanceof z.ZodType)
    .map((option) => unnamedKeys(option, value, path))
  return faults.toSorted((a, b) => a.length - b.length)[0] ?? []
}

/** The paths of all keys of a value, however deep, that its schema does not name. */
export const unnamedKeys = (schema: z.ZodType, value: unknown, path = ''): string[] => {
  if (schema instanceof z.ZodObject) return ofObject(schema, value, path)
  if (schema instanceof z.ZodArray && Array.isArray(value))
    return ofEach(schema.element, Object.entries(value as unknown[]), path)
  if (schema instanceof z.ZodRecord && isRecord(value))
    return ofEach(schema.valueType, Object.entries(value), path)
  if (schema instanceof z.ZodUnion) return ofUnion(schema.options, value, path)
  if (schema instanceof z.ZodLazy) return ofEach(schema.unwrap(), [[path, value]], '')
  const { innerType } = schema.def as { readonly innerType?: unknown }
  return innerType instanceof z.ZodType ? unnamedKeys(innerType, value, path) : []
}
