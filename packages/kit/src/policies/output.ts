import { z } from 'zod'
import { compileExact } from './exact.ts'

/**
 * The schema without its checks of formats and bounds, which cost more than all else in a long list. Types, missing
 * fields and unknown ones are still judged for every answer; formats were judged when the values came in.
 */
const structural = (schema: z.ZodType): z.ZodType => {
  if (schema instanceof z.ZodObject) {
    const shape = Object.entries(schema.shape).map(([key, field]) => [key, structural(field as z.ZodType)])
    return z.object(Object.fromEntries(shape) as Record<string, z.ZodType>)
  }
  if (schema instanceof z.ZodArray) return z.array(structural(schema.element as z.ZodType))
  if (schema instanceof z.ZodNullable) return structural(schema.unwrap() as z.ZodType).nullable()
  if (schema instanceof z.ZodOptional) return structural(schema.unwrap() as z.ZodType).optional()
  return schema instanceof z.ZodString || schema instanceof z.ZodStringFormat ? z.string() : schema
}

/**
 * Prepares the encoding of a procedure's output: what the contract does not name is left out, and what does not
 * match it is our fault, never sent.
 */
export const prepareOutput = (name: string, contracted: z.ZodType) => {
  const schema = structural(contracted)
  const isExact = compileExact(schema)
  return (value: unknown): string => {
    if (isExact?.(value)) return JSON.stringify(value)
    const result = schema.safeParse(value)
    if (result.success) return JSON.stringify(result.data)
    const [issue] = result.error.issues
    throw new Error(
      `The answer of ${name} breaks its contract at "${issue?.path.join('.')}": ${issue?.message}`,
    )
  }
}
