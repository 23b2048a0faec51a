import type { ByteRange } from '@plinth/kit'

/**
 * The part of a file of this size that a range means.
 * @throws {RangeError} when it begins after the end.
 */
export const clip = (size: number, range: ByteRange | undefined): ByteRange => {
  const { start, end } = range ?? { start: 0, end: size - 1 }
  if (range && (start >= size || start < 0 || end < start))
    throw new RangeError(`The file has no bytes from ${start} to ${end}`)
  return { start, end: Math.min(end, size - 1) }
}
