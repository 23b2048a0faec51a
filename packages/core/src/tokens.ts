import { hash, randomBytes } from 'node:crypto'
import { crc32 } from 'node:zlib'

const prefixes = {
  access: 'pla_',
  refresh: 'plr_',
  verification: 'plv_',
  device: 'pld_',
  reset: 'pls_',
  invitation: 'pli_',
  apiKey: 'plk_',
  state: 'plo_',
  flow: 'plf_',
} as const

/** What a token is for; its prefix tells. */
export type TokenType = keyof typeof prefixes

const SECRET_BYTES = 32
const FORM = /^(pl[a-z]_)([\w-]{43})([\w-]{6})$/

const checksum = (text: string): string => {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32BE(crc32(text))
  return bytes.toString('base64url')
}

/** A new token: prefix, 256 random bits and a checksum, 53 characters in all. */
export const newToken = (type: TokenType): string => {
  const body = prefixes[type] + randomBytes(SECRET_BYTES).toString('base64url')
  return body + checksum(body)
}

const typeByPrefix = new Map<string, TokenType>(
  Object.entries(prefixes).map(([type, prefix]) => [prefix, type as TokenType]),
)

/** The type of a token that is whole; null for one that is damaged or not ours. Asks no database. */
export const tokenType = (token: string): TokenType | null => {
  const [, prefix = '', secret = '', sum] = FORM.exec(token) ?? []
  return sum !== undefined && checksum(prefix + secret) === sum ? (typeByPrefix.get(prefix) ?? null) : null
}

/** What is stored of a token: its SHA-256 in hex. A token is random, so a fast hash without salt is enough. */
export const tokenHash = (token: string): string => hash('sha256', token, 'hex')
