import { z } from 'zod'

/** A price such as `12.50`, as minor units. */
export const Price = z
  .string()
  .regex(/^\d{1,9}\.\d\d$/, 'must be a price with two decimals')
  .transform((text) => Number(text.replace('.', '')))

/** A whole number. */
export const Whole = z
  .string()
  .regex(/^-?\d{1,12}$/, 'must be a whole number')
  .transform(Number)

/** A text that may not be empty. */
export const Given = z.string().min(1, 'must not be empty')
