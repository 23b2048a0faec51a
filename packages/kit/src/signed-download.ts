import { createHmac, timingSafeEqual } from 'node:crypto'
import { z } from 'zod'
import { common } from './failure.ts'
import type { Admission } from './policies/access.ts'

const LIFE_MS = 5 * 60_000

const Ticket = z.object({
  name: z.string(),
  // JSON leaves out the input of a download that takes none.
  input: z.unknown().optional(),
  actor: z.unknown(),
  scope: z.unknown(),
  expiresAt: z.number(),
})

/** What a signed address stands for: a download, its input, and who was admitted to it. */
export interface DownloadTicket extends Admission {
  readonly name: string
  readonly input: unknown
}

const signature = (text: string, secret: string): Buffer => createHmac('sha256', secret).update(text).digest()

/** Signs a download for five minutes, so that a browser can fetch the bytes without a token. */
export const signDownload = (ticket: DownloadTicket, secret: string, now: Date) => {
  const expiresAt = now.getTime() + LIFE_MS
  const actor = ticket.actor && {
    ...ticket.actor,
    permissions: [...ticket.actor.permissions],
    scopes: ticket.actor.scopes && [...ticket.actor.scopes],
  }
  const text = Buffer.from(JSON.stringify({ ...ticket, actor, expiresAt })).toString('base64url')
  return {
    url: `/api/v1/downloads/${text}.${signature(text, secret).toString('base64url')}`,
    expiresAt: new Date(expiresAt).toISOString(),
  }
}

/** Reads a signed address back; anything but an unspoilt, unexpired one of ours is not found. */
export const readDownload = (token: string, secret: string, now: Date): DownloadTicket => {
  const [text = '', given = ''] = token.split('.')
  const expected = signature(text, secret)
  const actual = Buffer.from(given, 'base64url')
  if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) throw common('NOT_FOUND')
  const { name, input, actor, scope, expiresAt } = Ticket.parse(
    JSON.parse(Buffer.from(text, 'base64url').toString()),
  )
  if (expiresAt <= now.getTime()) throw common('NOT_FOUND')
  const admitted = actor as
    | (Omit<NonNullable<Admission['actor']>, 'permissions' | 'scopes'> & {
        permissions: never[]
        scopes: string[] | null
      })
    | null
  return {
    name,
    input,
    actor: admitted && {
      ...admitted,
      permissions: new Set(admitted.permissions),
      scopes: admitted.scopes && new Set(admitted.scopes),
    },
    scope: scope as Admission['scope'],
  }
}
