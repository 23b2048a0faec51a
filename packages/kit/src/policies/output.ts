import type { z } from 'zod'

/**
 * Prepares the encoding of a procedure's output: what the contract does not name is left out, and what does not
 * match it is our fault, never sent.
 */
export const prepareOutput =
  (name: string, schema: z.ZodType) =>
  (value: unknown): string => {
    const result = schema.safeParse(value)
    if (result.success) return JSON.stringify(result.data)
    const [issue] = result.error.issues
    throw new Error(
      `The answer of ${name} breaks its contract at "${issue?.path.join('.')}": ${issue?.message}`,
    )
  }
