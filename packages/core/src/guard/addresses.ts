import { isIPv4, isIPv6 } from 'node:net'
import { networkOf } from '@plinth/kit'

/** A range of addresses by the bits that all of them begin with. */
interface Range {
  readonly version: 4 | 6
  readonly bits: bigint
  readonly prefix: number
}

const MAPPED = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i

/** An address as we write it: one of IPv4 that came in the clothes of IPv6 is that one. */
export const plainAddress = (address: string): string => {
  if (!address.startsWith('::')) return address
  return MAPPED.exec(address)?.[1] ?? address
}

/** What an address is banned and judged by; see `networkOf`. */
export const networkKey = (address: string): string => networkOf(plainAddress(address))

const bitsOf4 = (address: string): number => {
  let bits = 0
  for (const part of address.split('.')) bits = bits * 256 + Number(part)
  return bits
}

const groupsOf = (text: string): string[] => {
  if (text === '') return []
  const groups = text.split(':')
  const last = groups.at(-1) ?? ''
  if (!last.includes('.')) return groups
  const bits = bitsOf4(last)
  return [...groups.slice(0, -1), Math.floor(bits / 65_536).toString(16), (bits % 65_536).toString(16)]
}

const bitsOf6 = (address: string): bigint => {
  const [head = '', tail] = (address.split('%', 1)[0] ?? '').split('::')
  const [begin, end] = [groupsOf(head), groupsOf(tail ?? '')]
  const between = tail === undefined ? [] : Array<string>(8 - begin.length - end.length).fill('0')
  let bits = 0n
  for (const group of [...begin, ...between, ...end]) bits = (bits << 16n) | BigInt(`0x${group}`)
  return bits
}

const LENGTH = { 4: 32, 6: 128 } as const

const masked = (bits: bigint, version: 4 | 6, prefix: number): bigint => {
  const rest = BigInt(LENGTH[version] - prefix)
  return (bits >> rest) << rest
}

/** Reads an address or a range such as `203.0.113.0/24`; null where it is none. */
export const readRange = (text: string): Range | null => {
  const [given = '', length, more] = text.split('/')
  const address = plainAddress(given)
  const version = isIPv4(address) ? 4 : isIPv6(address) ? 6 : null
  if (version === null || more !== undefined) return null
  if (length !== undefined && !/^\d{1,3}$/.test(length)) return null
  const prefix = length === undefined ? LENGTH[version] : Number(length)
  if (prefix > LENGTH[version]) return null
  const bits = version === 4 ? BigInt(bitsOf4(address)) : bitsOf6(address)
  return { version, bits: masked(bits, version, prefix), prefix }
}

/** Values by ranges of addresses. To look one up takes a step for each length of prefix, however many ranges there are. */
export interface RangeMap<T> {
  readonly size: number
  /** Adds a value to a range; a text that is no range is left out, which the answer tells. */
  add(range: string, value: T): boolean
  /** All values of the ranges that an address lies in. */
  find(address: string): readonly T[]
}

const NOTHING: readonly never[] = []

/** Makes an empty map of ranges. */
export const createRangeMap = <T>(): RangeMap<T> => {
  const tables = { 4: new Map<number, Map<bigint, T[]>>(), 6: new Map<number, Map<bigint, T[]>>() }
  let size = 0
  return {
    get size() {
      return size
    },
    add(text, value) {
      const range = readRange(text)
      if (!range) return false
      const { version, prefix, bits } = range
      const table = tables[version].get(prefix) ?? new Map<bigint, T[]>()
      tables[version].set(prefix, table)
      const known = table.get(bits)
      if (known) known.push(value)
      else table.set(bits, [value])
      size++
      return true
    },
    find(text) {
      if (size === 0) return NOTHING
      const address = readRange(text)
      if (!address) return NOTHING
      const found: T[] = []
      for (const [prefix, table] of tables[address.version]) {
        const values = table.get(masked(address.bits, address.version, prefix))
        if (values) found.push(...values)
      }
      return found
    },
  }
}
