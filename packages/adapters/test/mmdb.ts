/** A value of the MMDB format (https://maxmind.github.io/MaxMind-DB/), as far as tests need it. */
type Value = string | number | { readonly [name: string]: Value } | readonly Value[]

const control = (type: number, size: number): Buffer => {
  const extended = type > 7
  const first = ((extended ? 0 : type) << 5) | Math.min(size, 28)
  if (size > 28) throw new RangeError('longer than tests need')
  return Buffer.from(extended ? [first, type - 7] : [first])
}

const encoded = (value: Value): Buffer => {
  if (typeof value === 'string')
    return Buffer.concat([control(2, Buffer.byteLength(value)), Buffer.from(value)])
  if (typeof value === 'number') {
    const bytes = Buffer.alloc(4)
    bytes.writeUInt32BE(value)
    return Buffer.concat([control(6, 4), bytes])
  }
  if (Array.isArray(value)) return Buffer.concat([control(11, value.length), ...value.map(encoded)])
  const entries = Object.entries(value)
  return Buffer.concat([
    control(7, entries.length),
    ...entries.flatMap(([name, one]) => [encoded(name), encoded(one)]),
  ])
}

const bitsOf = (range: string, version: 4 | 6): number[] => {
  const [address = '', length = ''] = range.split('/')
  const groups =
    version === 4
      ? address.split('.').map((part) => Number(part).toString(2).padStart(8, '0'))
      : `${address.replace('::', '')}${':0'.repeat(8 - address.replace('::', '').split(':').length)}`
          .split(':')
          .map((part) => Number.parseInt(part, 16).toString(2).padStart(16, '0'))
  return [...groups.join('')].slice(0, Number(length)).map(Number)
}

type Node = [left: number | null, right: number | null]

/** Goes down by the bits of a range, making nodes on the way; where the last one leads from is its leaf. */
const leafOf = (nodes: Node[], bits: readonly number[]): { node: number; side: 0 | 1 } => {
  let node = 0
  for (const bit of bits.slice(0, -1)) {
    const here = nodes[node] ?? [null, null]
    const side = bit === 1 ? 1 : 0
    here[side] ??= nodes.push([null, null]) - 1
    node = here[side] ?? 0
  }
  return { node, side: bits.at(-1) === 1 ? 1 : 0 }
}

/** Writes a file of ranges and what is known of them; all ranges are of one version. */
export const mmdbOf = (version: 4 | 6, ranges: Readonly<Record<string, Value>>): Buffer => {
  const nodes: Node[] = [[null, null]]
  const data: Buffer[] = []
  const leaves: { node: number; side: 0 | 1; offset: number }[] = []
  let offset = 0
  for (const [range, value] of Object.entries(ranges)) {
    leaves.push({ ...leafOf(nodes, bitsOf(range, version)), offset })
    const bytes = encoded(value)
    data.push(bytes)
    offset += bytes.length
  }
  for (const leaf of leaves) (nodes[leaf.node] ?? [])[leaf.side] = nodes.length + 16 + leaf.offset
  const tree = Buffer.alloc(nodes.length * 8)
  for (const [at, sides] of nodes.entries())
    for (const [side, to] of sides.entries()) tree.writeUInt32BE(to ?? nodes.length, at * 8 + side * 4)
  const metadata = encoded({
    node_count: nodes.length,
    record_size: 32,
    ip_version: version,
    database_type: 'Test',
    binary_format_major_version: 2,
    binary_format_minor_version: 0,
    build_epoch: 1,
  })
  return Buffer.concat([
    tree,
    Buffer.alloc(16),
    ...data,
    Buffer.from('\xab\xcd\xefMaxMind.com', 'latin1'),
    metadata,
  ])
}
