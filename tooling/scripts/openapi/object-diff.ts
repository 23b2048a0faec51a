import { type Difference, type Direction, differenceAt, type Place } from './change.ts'
import { pointerOf, type Schema } from './document.ts'

type Compare = (old: Schema, now: Schema, place: Place) => Difference[]

const isStrict = (schema: Schema) => schema.additionalProperties === false

const removed = (to: Schema, place: Place, isInput: boolean): Difference => {
  if (!isInput) return differenceAt(place, 'wire', 'is no longer answered')
  return isStrict(to)
    ? differenceAt(place, 'wire', 'is refused: it was removed from a strict input')
    : differenceAt(place, 'type', 'is no longer part of the input')
}

const added = (isRequired: boolean, place: Place, isInput: boolean): Difference =>
  isInput && isRequired
    ? differenceAt(place, 'wire', 'is a new required input')
    : differenceAt(place, 'addition', 'is new')

const presence = (was: boolean, is: boolean, place: Place, isInput: boolean): Difference[] => {
  if (was === is) return []
  if (isInput)
    return [differenceAt(place, is ? 'wire' : 'addition', is ? 'is now required' : 'is now optional')]
  return [differenceAt(place, is ? 'addition' : 'type', is ? 'is now always there' : 'can now be absent')]
}

const compareProperty = (
  name: string,
  [from, to]: readonly [Schema, Schema],
  place: Place,
  isInput: boolean,
  compare: Compare,
): Difference[] => {
  const [old, now] = [from.properties?.[name], to.properties?.[name]]
  const isRequired = to.required?.includes(name) ?? false
  if (now === undefined) return [removed(to, place, isInput)]
  if (old === undefined) return [added(isRequired, place, isInput)]
  return [
    ...presence(from.required?.includes(name) ?? false, isRequired, place, isInput),
    ...compare(old, now, place),
  ]
}

const compareRest = (
  from: Schema,
  to: Schema,
  place: Place,
  isInput: boolean,
  compare: Compare,
): Difference[] => {
  const [old, now] = [from.additionalProperties, to.additionalProperties]
  if (typeof old === 'object' && typeof now === 'object') {
    const rest = { pointer: `${place.pointer}/additionalProperties`, label: `a value of ${place.label}` }
    return compare(old, now, rest)
  }
  if (!isInput || isStrict(from) === isStrict(to)) return []
  return isStrict(to)
    ? [differenceAt(place, 'wire', 'now refuses unknown properties')]
    : [differenceAt(place, 'addition', 'now ignores unknown properties')]
}

/** Compares the properties of two objects, which of them are required, and whether others are refused. */
export const compareObjects = (
  from: Schema,
  to: Schema,
  place: Place,
  direction: Direction,
  compare: Compare,
): Difference[] => {
  const isInput = direction === 'input'
  const names = new Set([...Object.keys(from.properties ?? {}), ...Object.keys(to.properties ?? {})])
  const properties = [...names].flatMap((name) => {
    const pointer = `${place.pointer}${pointerOf('properties', name)}`
    return compareProperty(name, [from, to], { pointer, label: `${place.label}.${name}` }, isInput, compare)
  })
  return [...properties, ...compareRest(from, to, place, isInput, compare)]
}
