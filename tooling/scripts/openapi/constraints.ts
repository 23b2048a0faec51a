import { type Difference, type Direction, differenceAt, type Place } from './change.ts'
import type { Schema } from './document.ts'

const lower = ['minLength', 'minimum', 'exclusiveMinimum', 'minItems'] as const
const upper = ['maxLength', 'maximum', 'exclusiveMaximum', 'maxItems'] as const
const exact = ['format', 'pattern', 'multipleOf', 'uniqueItems'] as const

const compareBound = (
  keyword: string,
  place: Place,
  [old, now]: readonly [number, number],
  isTighter: boolean,
): Difference[] => {
  if (old === now) return []
  const from = Number.isFinite(old) ? old : 'none'
  const to = Number.isFinite(now) ? now : 'none'
  return [differenceAt(place, isTighter ? 'wire' : 'addition', `has ${keyword} ${to} (was ${from})`)]
}

type Scalar = string | number | boolean | undefined

const compareExact = (keyword: string, place: Place, old: Scalar, now: Scalar): Difference[] => {
  if (old === now || (old === false && now === undefined)) return []
  if (now === undefined)
    return [differenceAt(place, 'addition', `no longer demands ${keyword} ${String(old)}`)]
  return [differenceAt(place, 'wire', `demands ${keyword} ${String(now)} (was ${String(old ?? 'none')})`)]
}

const inputBounds = (from: Schema, to: Schema, place: Place): Difference[] => [
  ...lower.flatMap((keyword) => {
    const pair = [from[keyword] ?? -Infinity, to[keyword] ?? -Infinity] as const
    return compareBound(keyword, place, pair, pair[1] > pair[0])
  }),
  ...upper.flatMap((keyword) => {
    const pair = [from[keyword] ?? Infinity, to[keyword] ?? Infinity] as const
    return compareBound(keyword, place, pair, pair[1] < pair[0])
  }),
  ...exact.flatMap((keyword) => compareExact(keyword, place, from[keyword], to[keyword])),
]

/**
 * Compares lengths, ranges, formats and patterns. A tighter one breaks a caller who sends; of what callers
 * are sent only the format is promised, and no pattern can be proven wider than another.
 */
export const bounds = (from: Schema, to: Schema, place: Place, direction: Direction): Difference[] => {
  if (direction === 'input') return inputBounds(from, to, place)
  if (from.format === to.format) return []
  const kind = from.format === undefined ? 'addition' : 'wire'
  return [differenceAt(place, kind, `has format ${to.format ?? 'none'} (was ${from.format ?? 'none'})`)]
}
