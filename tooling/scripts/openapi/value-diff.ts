import { type Difference, type Direction, differenceAt, type Place } from './change.ts'
import type { Schema } from './document.ts'

/** The JSON types that a schema allows; undefined when it allows every type. */
export const allows = (schema: Schema): readonly string[] | undefined => {
  if (schema.type !== undefined) return [schema.type].flat()
  return schema.properties ? ['object'] : undefined
}

/** Joins names for a sentence; undefined for none. */
export const listed = (names: readonly string[] | undefined): string | undefined =>
  names === undefined || names.length === 0 ? undefined : names.join(', ')

const covers = (types: readonly string[], type: string) =>
  types.includes(type) || (type === 'integer' && types.includes('number'))

const missing = (types: readonly string[] | undefined, among: readonly string[] | undefined): string[] => {
  if (among === undefined) return []
  return (types ?? ['anything']).filter((type) => !covers(among, type))
}

const compareTypes = (from: Schema, to: Schema, place: Place, direction: Direction): Difference[] => {
  const gone = missing(allows(from), allows(to))
  const added = missing(allows(to), allows(from))
  if (direction === 'input') {
    if (gone.length > 0) return [differenceAt(place, 'wire', `no longer accepts ${listed(gone)}`)]
    return added.length > 0 ? [differenceAt(place, 'addition', `also accepts ${listed(added)}`)] : []
  }
  const others = added.filter((type) => type !== 'null')
  const isReplaced = added.length > 0 && gone.length === allows(from)?.length
  if (others.length > 0 || isReplaced) return [differenceAt(place, 'wire', `can now be ${listed(added)}`)]
  if (added.length > 0) return [differenceAt(place, 'type', 'can now be null')]
  return gone.length > 0 ? [differenceAt(place, 'addition', `is never ${listed(gone)} any more`)] : []
}

const valuesOf = (schema: Schema): string[] | undefined => {
  const values = schema.const === undefined ? schema.enum : [schema.const]
  return values?.map((value) => JSON.stringify(value))
}

const compareEnums = (from: Schema, to: Schema, place: Place, direction: Direction): Difference[] => {
  const [old, now] = [valuesOf(from), valuesOf(to)]
  const gone = now === undefined ? [] : (old ?? ['any other value']).filter((value) => !now.includes(value))
  const added = old === undefined ? [] : (now ?? ['any other value']).filter((value) => !old.includes(value))
  const isInput = direction === 'input'
  return [
    ...gone.map((value) =>
      isInput
        ? differenceAt(place, 'wire', `no longer accepts ${value}`)
        : differenceAt(place, 'addition', `is never ${value} any more`),
    ),
    ...added.map((value) =>
      isInput
        ? differenceAt(place, 'addition', `also accepts ${value}`)
        : differenceAt(place, 'type', `can now be ${value}`),
    ),
  ]
}

/** Compares the JSON types and the listed values of two schemas that are no unions. */
export const compareValues = (from: Schema, to: Schema, place: Place, direction: Direction): Difference[] => [
  ...compareTypes(from, to, place, direction),
  ...compareEnums(from, to, place, direction),
]
