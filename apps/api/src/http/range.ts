import type { ByteRange } from '@plinth/kit'

/**
 * Reads a Range header (RFC 9110, section 14.2) for a file of this size: the part, `unsatisfiable` when it begins after
 * the end, or null for the whole, which is also the answer to what is malformed or asks for several parts.
 */
export const readRange = (header: string | undefined, size: number): ByteRange | 'unsatisfiable' | null => {
  const found = /^bytes=(\d{0,15})-(\d{0,15})$/.exec(header?.trim() ?? '')
  if (!found || found[0] === 'bytes=-') return null
  const [, first = '', last = ''] = found
  if (first === '') {
    const length = Math.min(Number(last), size)
    return length === 0 ? 'unsatisfiable' : { start: size - length, end: size - 1 }
  }
  const start = Number(first)
  const end = last === '' ? size - 1 : Math.min(Number(last), size - 1)
  if (last !== '' && Number(last) < start) return null
  return start >= size ? 'unsatisfiable' : { start, end }
}
