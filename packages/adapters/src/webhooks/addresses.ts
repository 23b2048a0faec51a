import { BlockList, isIP } from 'node:net'

type Family = 'ipv4' | 'ipv6'
type Net = readonly [address: string, prefix: number]

// https://www.iana.org/assignments/iana-ipv4-special-registry: what is not globally reachable, and what is no host.
const NOT_PUBLIC_4: readonly Net[] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
  // A public address by which Azure serves what belongs to the machine.
  ['168.63.129.16', 32],
]

// Of IPv6 nothing but global unicast is public at all: not mapped, translated, local, or multicast addresses.
const PUBLIC_6: Net = ['2000::', 3]
// Within that: tunnels, which end at an IPv4 address of anybody's choice, and what is no host.
const NOT_PUBLIC_6: readonly Net[] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20],
]

const blockListOf = (nets: readonly Net[], family: Family): BlockList => {
  const list = new BlockList()
  for (const [address, prefix] of nets) list.addSubnet(address, prefix, family)
  return list
}

const notPublic4 = blockListOf(NOT_PUBLIC_4, 'ipv4')
const public6 = blockListOf([PUBLIC_6], 'ipv6')
const notPublic6 = blockListOf(NOT_PUBLIC_6, 'ipv6')

/** Whether an address is one of the public internet; a text that is no address is none. */
export const isPublicAddress = (address: string): boolean => {
  const version = isIP(address)
  if (version === 4) return !notPublic4.check(address, 'ipv4')
  if (version === 6) return public6.check(address, 'ipv6') && !notPublic6.check(address, 'ipv6')
  return false
}

/** Networks given as `10.0.0.0/8` or `fd00::/8`. */
export const networksOf = (texts: readonly string[]): BlockList => {
  const list = new BlockList()
  for (const text of texts) {
    const [address = '', prefix = ''] = text.split('/')
    list.addSubnet(address, Number(prefix), isIP(address) === 6 ? 'ipv6' : 'ipv4')
  }
  return list
}

/** Whether an address lies in one of the networks. */
export const isWithin = (networks: BlockList, address: string): boolean =>
  networks.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
