import { z } from 'zod'

/** Filter operators for a field whose values have an order. */
export const range = <T extends z.ZodType>(value: T) =>
  z
    .strictObject({ eq: value.optional(), gte: value.optional(), lte: value.optional() })
    .optional()
    .describe('Equal to, at least, at most; together they are a range')

/** Filter operators for a field that is compared as a whole. */
export const oneOf = <T extends z.ZodType>(value: T) =>
  z
    .strictObject({ eq: value.optional(), in: z.array(value).min(1).max(50).optional() })
    .optional()
    .describe('Equal to, or one of several')

/** Filter operator for text: case and accents are ignored. */
export const containing = () =>
  z
    .strictObject({ contains: z.string().min(1).max(100) })
    .optional()
    .describe('Contains these words, case and accents ignored')
