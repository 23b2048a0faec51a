import type { z } from 'zod'

interface Wrapping {
  readonly innerType?: z.ZodType
  readonly in?: z.ZodType
}

interface Objects {
  readonly shape?: Readonly<Record<string, z.ZodType>>
}

/** A schema without what is wrapped around it: optional, nullable, a default, or a transformation after it. */
export const innermost = (schema: z.ZodType): z.ZodType => {
  const { innerType, in: before } = schema.def as Wrapping
  const inner = innerType ?? before
  return inner ? innermost(inner) : schema
}

/** The fields of an object schema, whatever is wrapped around it; none for any other schema. */
export const shapeOf = (schema: z.ZodType): Readonly<Record<string, z.ZodType>> =>
  (innermost(schema).def as Objects).shape ?? {}
