import { generateKeyPairSync, type KeyObject, sign } from 'node:crypto'

const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

/** Makes ID tokens as an OpenID provider does: signed with RS256 by a key of its own. */
export const idTokenMaker = () => {
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const stranger = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  const kid = 'test-key'
  const token = (claims: object, key: KeyObject): string => {
    const text = `${encode({ alg: 'RS256', typ: 'JWT', kid })}.${encode(claims)}`
    return `${text}.${sign('RSA-SHA256', Buffer.from(text), key).toString('base64url')}`
  }
  return {
    keys: { keys: [{ ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' }] },
    make: (claims: object): string => token(claims, privateKey),
    /** One that says of itself that the same key has signed it. */
    forge: (claims: object): string => token(claims, stranger),
    /** One that says that nobody needs to sign it. */
    unsigned: (claims: object): string => `${encode({ alg: 'none', typ: 'JWT' })}.${encode(claims)}.`,
  }
}
