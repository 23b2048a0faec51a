import type { Difference, Direction, Place } from './change.ts'
import { bounds } from './constraints.ts'
import { type OpenApi, resolve, type Schema } from './document.ts'
import { compareObjects } from './object-diff.ts'
import { compareUnions, isUnion, withoutChoice } from './union-diff.ts'
import { compareValues } from './value-diff.ts'

/** Both documents, the direction, and the pairs of schemas that are being compared further up. */
export type Comparison = {
  before: OpenApi
  after: OpenApi
  direction: Direction
  open: ReadonlySet<string>
}

const compareItems = (from: Schema, to: Schema, place: Place, comparison: Comparison): Difference[] => {
  if (!(from.items && to.items)) return []
  const items = { pointer: `${place.pointer}/items`, label: `an item of ${place.label}` }
  return compareSchemas(from.items, to.items, items, comparison)
}

/**
 * Everything in which two schemas differ for the caller. A pair that leads back to itself is
 * compared once on each way down.
 */
export const compareSchemas = (
  before: Schema,
  after: Schema,
  place: Place,
  comparison: Comparison,
): Difference[] => {
  const pair = JSON.stringify([before, after])
  if (comparison.open.has(pair)) return []
  const inner = { ...comparison, open: new Set([...comparison.open, pair]) }
  const [from, to] = [resolve(comparison.before, before), resolve(comparison.after, after)]
  // Without a reference in it, equal text is equal meaning.
  if (JSON.stringify(from) === JSON.stringify(to) && !JSON.stringify(from).includes('"$ref"')) return []
  const compare = (old: Schema, now: Schema, at: Place) => compareSchemas(old, now, at, inner)
  if (isUnion(from) && isUnion(to)) {
    const around = compare(withoutChoice(from), withoutChoice(to), place)
    return [...compareUnions(from, to, place, comparison.direction, compare), ...around]
  }
  if (isUnion(from) || isUnion(to)) return compareUnions(from, to, place, comparison.direction, compare)
  const values = compareValues(from, to, place, comparison.direction)
  if (values.some(({ kind }) => kind === 'wire')) return values
  return [
    ...values,
    ...bounds(from, to, place, comparison.direction),
    ...compareItems(from, to, place, inner),
    ...compareObjects(from, to, place, comparison.direction, compare),
  ]
}
