import type { FieldError } from '@plinth/contract'
import { common } from '@plinth/kit'
import type { KeySettings } from '../settings.ts'

interface Limits {
  readonly perMinute?: number | undefined
  readonly burst?: number | undefined
}

/** Refuses limits beyond those that the server gives a key. */
export const checkLimits = (given: Limits, { maxPerMinute, maxBurst }: KeySettings): void => {
  const most = { perMinute: maxPerMinute, burst: maxBurst }
  const errors = (['perMinute', 'burst'] as const).flatMap((path): FieldError[] =>
    (given[path] ?? 0) > most[path] ? [{ path, message: `is more than ${most[path]}` }] : [],
  )
  if (errors.length > 0) throw common('INVALID_INPUT', { errors })
}

/** When a key is to end: as asked for, at the latest when the server says. */
export const expiryOf = (asked: string | undefined, now: Date, { maxLifeMs }: KeySettings): string => {
  const latest = new Date(now.getTime() + maxLifeMs).toISOString()
  if (asked === undefined) return latest
  const refuse = (message: string) => common('INVALID_INPUT', { errors: [{ path: 'expiresAt', message }] })
  if (asked <= now.toISOString()) throw refuse('is over')
  if (asked > latest) throw refuse(`is later than ${latest}`)
  return asked
}
