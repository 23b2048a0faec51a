/** What an authenticator writes: whole numbers, bytes, text, and maps of them (RFC 8949). */
export type Cbor = number | string | Uint8Array | ReadonlyMap<number | string, Cbor>

const head = (major: number, value: number): Buffer => {
  const type = major << 5
  if (value < 24) return Buffer.from([type | value])
  if (value < 0x100) return Buffer.from([type | 24, value])
  const long = value >= 0x10000
  const bytes = Buffer.alloc(long ? 5 : 3)
  bytes[0] = type | (long ? 26 : 25)
  if (long) bytes.writeUInt32BE(value, 1)
  else bytes.writeUInt16BE(value, 1)
  return bytes
}

/** Writes a value in CBOR. */
export const cbor = (value: Cbor): Buffer => {
  if (typeof value === 'number') return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === 'string') {
    const bytes = Buffer.from(value)
    return Buffer.concat([head(3, bytes.length), bytes])
  }
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value])
  const entries = [...value].flatMap(([key, inner]) => [cbor(key), cbor(inner)])
  return Buffer.concat([head(5, value.size), ...entries])
}
