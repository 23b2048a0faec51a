import { foldText } from '@plinth/db'

const LONGEST = 110
const NUMBERED = 50
const MOST_LOSSES = 25

/** A text in the form of a slug, at most 110 characters; `fallback` where it holds no Latin letter or digit. */
export const slugOf = (text: string, fallback: string): string => {
  const words = foldText(text).match(/[a-z0-9]+/g) ?? []
  let slug = ''
  for (const word of words) {
    const longer = slug === '' ? word : `${slug}-${word}`
    if (longer.length > LONGEST) break
    slug = longer
  }
  return slug === '' ? fallback : slug
}

const numbered = (base: string): string[] => [
  base,
  ...Array.from({ length: NUMBERED - 1 }, (_, at) => `${base}-${at + 2}`),
]

/** How a table stores rows under a slug that may turn out to be taken. */
interface Slugged<Row> {
  /** Those of the slugs that are taken. */
  taken(slugs: readonly string[]): Promise<readonly string[]>
  /** Inserts the row under this slug; undefined, and no failed statement, if somebody else has it. */
  insert(slug: string): Promise<Row | undefined>
}

/**
 * Inserts a row under the first free of `base`, `base-2`, `base-3` and so on. Whoever loses a race for one looks
 * again; after 50 numbers or 25 lost races the end of the row's id makes the slug unique.
 */
export const insertWithSlug = async <Row>(base: string, id: string, table: Slugged<Row>): Promise<Row> => {
  const first = await table.insert(base)
  if (first) return first
  const candidates = numbered(base)
  for (let losses = 0; losses < MOST_LOSSES; losses += 1) {
    const taken = new Set(await table.taken(candidates))
    const free = candidates.find((slug) => !taken.has(slug))
    if (free === undefined) break
    const row = await table.insert(free)
    if (row) return row
  }
  const slug = `${base.slice(0, LONGEST - 10).replace(/-+$/, '')}-${id.slice(-10)}`
  const last = await table.insert(slug)
  if (!last) throw new Error(`no free slug was found for ${base}`)
  return last
}
