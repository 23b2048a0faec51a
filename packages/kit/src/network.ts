import { isIPv6 } from 'node:net'

/**
 * What an address is counted by: one of IPv4 by itself, one of IPv6 by its first 64 bits, for everybody is given at
 * least so many addresses as the rest allows (RFC 6177), and may change between them at will.
 */
export const networkOf = (address: string): string => {
  // What ends in an address of IPv4 stands for that one.
  if (!address.includes(':') || address.includes('.') || !isIPv6(address)) return address
  const [head = '', tail = ''] = address.split('%', 1)[0]?.split('::') ?? []
  const begin = head === '' ? [] : head.split(':')
  const end = tail === '' ? [] : tail.split(':')
  const between = Array<string>(8 - begin.length - end.length).fill('0')
  const groups = [...begin, ...between, ...end].slice(0, 4)
  return `${groups.map((group) => Number.parseInt(group, 16).toString(16)).join(':')}::/64`
}
