import { type Access, type Permission, type Procedure, scopeOf } from '@plinth/contract'
import type { Scope } from '../context.ts'
import type { Exchange, Principal } from '../exchange.ts'
import { common } from '../failure.ts'
import type { Actor, Clock } from '../ports.ts'

/** Who may go on, and over whose records. */
export interface Admission {
  readonly actor: Actor | null
  readonly scope: Scope | null
}

type Admit = (actor: Actor) => Admission

const admitter = (access: Exclude<Access, 'public'>): Admit => {
  if (access === 'user') return portalless
  if (typeof access === 'string') return holders(access)
  if ('own' in access) return owners(access.own)
  return (actor) => {
    if (actor.portal !== access.portal) throw common('TOKEN_WRONG_AUDIENCE')
    return { actor, scope: null }
  }
}

const portalless: Admit = (actor) => {
  if (actor.portal !== null) throw common('TOKEN_WRONG_AUDIENCE')
  return { actor, scope: null }
}

const holders =
  (permission: Permission): Admit =>
  (actor) => {
    const admission = portalless(actor)
    if (!actor.permissions.has(permission)) throw common('FORBIDDEN')
    return admission
  }

const owners =
  (permission: Permission): Admit =>
  (actor) => ({
    actor: portalless(actor).actor,
    scope: { all: actor.permissions.has(permission), userId: actor.userId },
  })

interface AccessDeps {
  readonly clock: Clock
  readonly settings: { readonly origins: readonly string[]; readonly freshMs: number }
}

/** What is demanded of the credential itself, beside what its holder may do; null where nothing is. */
const demander = (name: string, procedure: Procedure, { clock, settings }: AccessDeps) => {
  const { fresh, verified } = procedure
  const scope = scopeOf(name, procedure)
  return ({ scopes, provenAt, impersonatedBy, ...actor }: Actor): void => {
    if (scopes !== null && (scope === null || !scopes.has(scope))) throw common('SCOPE_MISSING')
    if (verified && !actor.verified) throw common('EMAIL_NOT_VERIFIED')
    if (!fresh) return
    const age = provenAt === null ? Number.POSITIVE_INFINITY : clock.now().getTime() - Date.parse(provenAt)
    // Whoever acts for somebody else has not proved to be that one.
    if (age > settings.freshMs || impersonatedBy !== null) throw common('FRESH_SIGN_IN_NEEDED')
  }
}

const sameOrigin = (exchange: Exchange, origins: readonly string[]): boolean => {
  const origin = exchange.header('origin')
  // Browsers of today send Origin with every write; a page elsewhere can't leave it out.
  if (origin === undefined) return exchange.header('sec-fetch-site') === 'same-origin'
  if (origins.includes(origin)) return true
  return URL.canParse(origin) && new URL(origin).host === exchange.header('host')
}

/**
 * Prepares who may call a procedure. A wrong credential is refused even where anybody may call, so that a client
 * learns of it; a stale cookie is passed over there, for the browser sends it unasked.
 */
export const prepareAccess = (name: string, procedure: Procedure, deps: AccessDeps) => {
  const { origins } = deps.settings
  const demand = demander(name, procedure, deps)
  const writes = procedure.kind === 'mutation' || procedure.kind === 'upload'
  const admit = procedure.access === 'public' ? null : admitter(procedure.access)
  return (exchange: Exchange, principal: Principal): Admission => {
    const { actor, source, refusal } = principal
    if (refusal && (admit || source !== 'cookie')) throw common(refusal)
    if (writes && source === 'cookie' && !sameOrigin(exchange, origins)) throw common('ORIGIN_NOT_ALLOWED')
    if (!admit) return { actor, scope: null }
    if (!actor) throw common('NOT_SIGNED_IN')
    const admission = admit(actor)
    demand(actor)
    return admission
  }
}
