import { z } from 'zod'

/** The largest page that any list answers. */
export const MAX_PAGE = 100

/** What every list takes: the page size and where to go on. Spread it into the input of a list. */
export const pageInput = {
  /** How many items, 1 to 100; 20 when left out. */
  limit: z.int().min(1).max(MAX_PAGE).default(20).describe('How many items to answer, 1 to 100'),
  /** `nextCursor` of the page before; left out for the first page. */
  cursor: z.string().min(1).max(4096).optional().describe('nextCursor of the page before'),
}

/** One page of a list: the items, and the cursor of the next page or null on the last. */
export const page = <T extends z.ZodType>(item: T) =>
  z.object({
    items: z.array(item),
    nextCursor: z.string().nullable().describe('Give it as cursor to get the next page; null on the last'),
  })

/** A sort over declared fields: up to three, `-` before a name for descending; the id is always the last tie-break. */
export const sort = <const F extends string>(...fields: readonly [F, ...F[]]) =>
  z
    .array(
      z.enum(fields.flatMap((field) => [field, `-${field}` as const]) as [F | `-${F}`, ...(F | `-${F}`)[]]),
    )
    .min(1)
    .max(3)
    .describe('Fields to sort by, in order; a minus before the name sorts it descending')

/** The related data that may be asked for, by name. */
export const include = <const N extends string>(...names: readonly [N, ...N[]]) =>
  z.array(z.enum(names)).max(names.length).optional().describe('Related data to load with each item')
