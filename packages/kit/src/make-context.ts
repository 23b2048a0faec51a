import type { IdPrefix } from '@plinth/contract'
import type { Logger } from 'pino'
import type { AnyContext, CookieOptions, Scope } from './context.ts'
import { DEGRADED, type Exchange, readCookie } from './exchange.ts'
import { newId } from './ids.ts'
import type { Admission } from './policies/access.ts'
import type { Remember, Remembered } from './policies/remember.ts'
import type { Effects } from './policies/transaction.ts'
import type { Actor, NewJob } from './ports.ts'

/** What stays the same for every context of one procedure. */
interface Fixed {
  readonly procedure: string
  readonly secureCookies: boolean
  readonly remember: Remember
}

/** The one implementation of a handler's context. Methods stand on the prototype: a context is made for every call. */
class CallContext implements AnyContext {
  readonly procedure: string
  readonly actor: Actor | null
  readonly scope: Scope | null
  readonly now: Date
  readonly db: unknown
  readonly #exchange: Exchange
  readonly #effects: Effects
  readonly #fixed: Fixed

  constructor(
    fixed: Fixed,
    exchange: Exchange,
    admission: Admission,
    now: Date,
    db: unknown,
    effects: Effects,
  ) {
    this.procedure = fixed.procedure
    this.#fixed = fixed
    this.#exchange = exchange
    this.actor = admission.actor
    this.scope = admission.scope
    this.now = now
    this.db = db
    this.#effects = effects
  }

  get requestId(): string {
    return this.#exchange.requestId
  }
  get log(): Logger {
    return this.#exchange.log
  }
  get address(): string {
    return this.#exchange.address
  }
  get userAgent(): string | null {
    return this.#exchange.header('user-agent')?.slice(0, 300) ?? null
  }
  get signal(): AbortSignal {
    return this.#exchange.signal
  }
  newId(prefix: IdPrefix): string {
    return newId(prefix, this.now)
  }
  cookie(name: string): string | undefined {
    return readCookie(this.#exchange.header('cookie'), name)
  }
  setCookie(name: string, value: string | null, options: CookieOptions): void {
    const expires = value === null ? new Date(0) : options.expires
    const parts = [`${name}=${value ?? ''}`, `Path=${options.path}`, `Expires=${expires.toUTCString()}`]
    if (this.#fixed.secureCookies) parts.push('Secure')
    this.#effects.cookies.push([...parts, 'HttpOnly', 'SameSite=Lax'].join('; '))
  }
  degraded(part: string): void {
    const before = this.#exchange.answerHeaders[DEGRADED]
    const parts = new Set([...(before === undefined ? [] : String(before).split(', ')), part])
    this.#exchange.answerHeaders[DEGRADED] = [...parts].join(', ')
  }
  remember<R>(what: Remembered, compute: () => Promise<R>): Promise<R> {
    return this.#fixed.remember(what, this.signal, compute)
  }
  emit(type: string, payload: Readonly<Record<string, unknown>>): void {
    this.#effects.events.push({ type, payload })
  }
  enqueue(job: NewJob): void {
    this.#effects.jobs.push(job)
  }
  audit(entry: { readonly target?: string; readonly actorId?: string }): void {
    Object.assign(this.#effects.note, entry)
  }
}

/** Makes the context of one try of one call. */
export const makeContext = (
  fixed: Fixed,
  exchange: Exchange,
  admission: Admission,
  now: Date,
  db: unknown,
  effects: Effects,
): AnyContext => new CallContext(fixed, exchange, admission, now, db, effects)
