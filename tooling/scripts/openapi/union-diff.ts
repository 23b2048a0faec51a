import { type Difference, type Direction, differenceAt, isBreak, type Place } from './change.ts'
import { refName, type Schema } from './document.ts'
import { allows, listed } from './value-diff.ts'

type Compare = (old: Schema, now: Schema, place: Place) => Difference[]

/** A branch that has to be covered, the other side's branch that covers it best, and how they differ. */
type Match = { branch: Schema; by: Schema | undefined; differences: readonly Difference[] }

/** Whether a schema is a choice of several. */
export const isUnion = (schema: Schema): boolean => (schema.anyOf ?? schema.oneOf) !== undefined

/** What a schema demands besides its choice. */
export const withoutChoice = ({ anyOf: _, oneOf: __, ...rest }: Schema): Schema => rest

const branchesOf = (schema: Schema): readonly Schema[] => schema.anyOf ?? schema.oneOf ?? [schema]

const nameOf = (schema: Schema): string => refName(schema) ?? listed(allows(schema)) ?? 'another shape'

const breaksIn = (differences: readonly Difference[]) => differences.filter(isBreak).length

const bestMatch = (
  branch: Schema,
  offers: readonly Schema[],
  compare: (offer: Schema) => Difference[],
): Match => {
  const [best] = offers
    .map((by) => ({ branch, by, differences: compare(by) }))
    .filter(({ differences }) => differences.every(({ kind }) => kind !== 'wire'))
    .toSorted(
      (a, b) =>
        breaksIn(a.differences) - breaksIn(b.differences) || a.differences.length - b.differences.length,
    )
  return best ?? { branch, by: undefined, differences: [] }
}

// A branch that only resembles one that lives on unchanged is a new branch, not a change of the old one.
const withoutResemblance = (matches: readonly Match[]): Match[] => {
  const kept = new Set(matches.filter(({ differences }) => differences.length === 0).map(({ by }) => by))
  return matches.map((match) =>
    breaksIn(match.differences) > 0 && kept.has(match.by) ? { ...match, by: undefined } : match,
  )
}

/**
 * Compares two choices, or a choice with a single schema. Callers who send need each earlier branch to be
 * accepted still; callers who are sent need each later branch to be one that they know.
 */
export const compareUnions = (
  from: Schema,
  to: Schema,
  place: Place,
  direction: Direction,
  compare: Compare,
): Difference[] => {
  const isInput = direction === 'input'
  const [demanded, offers] = isInput ? [branchesOf(from), branchesOf(to)] : [branchesOf(to), branchesOf(from)]
  const between = (branch: Schema, offer: Schema) =>
    isInput ? compare(branch, offer, place) : compare(offer, branch, place)
  const matches = withoutResemblance(
    demanded.map((branch) => bestMatch(branch, offers, (offer) => between(branch, offer))),
  )
  const isKnown = (offer: Schema) =>
    matches.some(({ by }) => by === offer) || demanded.some((branch) => between(branch, offer).length === 0)
  const unused = offers.filter((offer) => !isKnown(offer))
  return [
    ...matches.flatMap(({ branch, by, differences }) => {
      if (by !== undefined) return differences
      const what = isInput ? `no longer accepts ${nameOf(branch)}` : `can now be ${nameOf(branch)}`
      return [differenceAt(place, isInput ? 'wire' : 'type', what)]
    }),
    ...unused.map((offer) =>
      differenceAt(
        place,
        'addition',
        isInput ? `also accepts ${nameOf(offer)}` : `is never ${nameOf(offer)} any more`,
      ),
    ),
  ]
}
