import { z } from 'zod'

/** The prefix of each kind of id, and what it stands for. */
export const idPrefixes = {
  adr: 'address rule',
  aud: 'audit entry',
  bak: 'backup',
  ban: 'ban',
  cat: 'category',
  dev: 'device',
  evt: 'event',
  inv: 'invitation',
  flr: 'failure',
  idn: 'identity',
  job: 'job',
  key: 'API key',
  lgn: 'login',
  otc: 'one-time code',
  prd: 'product',
  psk: 'passkey',
  req: 'logged request',
  run: 'scheduled run',
  tag: 'tag',
  usr: 'user',
  whd: 'webhook delivery',
  whk: 'webhook',
} as const

/** The prefix of one kind of id; see {@link idPrefixes}. */
export type IdPrefix = keyof typeof idPrefixes

/** The id of one kind of record: its prefix and a UUIDv7 in 26 characters of Crockford's base 32, so that ids sort by age. */
export const id = (prefix: IdPrefix) =>
  z
    .string()
    .regex(new RegExp(`^${prefix}_[0-7][0-9a-hjkmnp-tv-z]{25}$`), `must be the id of a ${idPrefixes[prefix]}`)
    .describe(`Id of a ${idPrefixes[prefix]}`)
