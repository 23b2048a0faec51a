import type { Procedure } from '@plinth/contract'
import type { Exchange, Principal } from '../exchange.ts'
import { common } from '../failure.ts'
import { networkOf } from '../network.ts'
import type { Actor, ActorKey, Clock, Limiter, LimitRule, LimitState } from '../ports.ts'

interface LimitDeps {
  readonly limiter: Limiter
  readonly clock: Clock
  readonly settings: {
    readonly limits: Readonly<Record<string, LimitRule>> & { readonly default: LimitRule }
  }
}

const seconds = (ms: number): string => String(Math.ceil(ms / 1000))

const show = (exchange: Exchange, state: LimitState): void => {
  const before = exchange.answerHeaders['ratelimit-remaining']
  // Several limits may hold for one request: the one that is nearest is shown.
  if (typeof before === 'string' && Number(before) <= state.remaining) return
  exchange.answerHeaders['ratelimit-limit'] = String(state.limit)
  exchange.answerHeaders['ratelimit-remaining'] = String(state.remaining)
  exchange.answerHeaders['ratelimit-reset'] = seconds(state.resetMs)
}

/** A name that no limits go by would silently mean those of `default`. */
const checkGroup = (name: string, { limit }: Procedure, limits: LimitDeps['settings']['limits']): void => {
  const named = typeof limit === 'string' ? limit : limit?.group
  if (named !== undefined && !(named in limits))
    throw new Error(`${name}: there are no limits "${named}", but ${Object.keys(limits).join(', ')}`)
}

const groupOf = (procedure: Procedure, limits: LimitDeps['settings']['limits']): string => {
  const named = typeof procedure.limit === 'string' ? procedure.limit : procedure.limit?.group
  return named !== undefined && named in limits ? named : 'default'
}

/** The limit that a procedure is under: its group and that group's numbers. */
export const limitOf = (procedure: Procedure, limits: LimitDeps['settings']['limits']) => {
  const group = groupOf(procedure, limits)
  const { strained: _, reduced: __, ...rule } = limits[group] ?? limits.default
  return { group, ...rule }
}

const shrunk = (rule: LimitRule, share: number): LimitRule => ({
  ...rule,
  perMinute: Math.max(1, Math.ceil(rule.perMinute * share)),
  burst: Math.floor(rule.burst * share),
})

/** The rules of roles that may do more or less, each with a count of its own by address. */
const rulesByRole = ({ roles = {}, ...rule }: LimitRule) =>
  new Map(
    Object.entries(roles).map(([role, factor]) => {
      const { perMinute, burst } = rule
      return [
        role,
        { ...rule, perMinute: Math.ceil(perMinute * factor), burst: Math.ceil(burst * factor) },
      ] as const
    }),
  )

const rulesOf = (procedure: Procedure, limits: LimitDeps['settings']['limits']) => {
  const { group, ...configured } = limitOf(procedure, limits)
  const { reduced } = limits[group] ?? limits.default
  const small = reduced ? shrunk(configured, reduced.share) : configured
  const rule = reduced?.of === 'everybody' ? small : configured
  return { group, rule, byRole: rulesByRole(rule), anonymous: small }
}

/**
 * Prepares the limits of a procedure: `before` counts the address and the user, or the API key, ahead of any work;
 * `after` counts the value of the input field that the contract names, such as the account that is signed in to.
 */
export const prepareLimit = (name: string, procedure: Procedure, { limiter, clock, settings }: LimitDeps) => {
  checkGroup(name, procedure, settings.limits)
  // Limits can change while the server runs: what follows from them is worked out again when they have.
  let known: { from: unknown; rules: ReturnType<typeof rulesOf> } | undefined
  const current = () => {
    if (known?.from !== settings.limits)
      known = { from: settings.limits, rules: rulesOf(procedure, settings.limits) }
    return known.rules
  }
  const field = typeof procedure.limit === 'object' ? procedure.limit.field : undefined
  const judge = (exchange: Exchange, state: LimitState): void => {
    show(exchange, state)
    if (!state.allowed)
      throw common('TOO_MANY_REQUESTS', { headers: { 'retry-after': seconds(state.retryAfterMs) } })
  }
  // A limiter of this process answers at once, and nothing need wait for it.
  const count = (exchange: Exchange, key: string, rule: LimitRule): Promise<void> | void => {
    const state = limiter.take(key, rule, clock.now().getTime())
    return state instanceof Promise ? state.then((later) => judge(exchange, later)) : judge(exchange, state)
  }
  const take = (exchange: Exchange, key: string, role?: LimitRule): Promise<void> | void => {
    const { group, rule } = current()
    const { limitShare } = exchange
    const own = limitShare === undefined ? (role ?? rule) : shrunk(role ?? rule, limitShare)
    return count(exchange, `${group}:${key}`, own)
  }
  const person = (exchange: Exchange, { role, userId }: Actor): Promise<void> | void => {
    const own = current().byRole.get(role)
    const first = take(exchange, `address:${networkOf(exchange.address)}${own ? `:${role}` : ''}`, own)
    const second = () => take(exchange, `user:${userId}`, own)
    return first ? first.then(second) : second()
  }
  // Its limits stand in the place of those of everybody; what is limited on purpose is so for keys too.
  const keyed = (exchange: Exchange, actor: Actor, { id, limit }: ActorKey): Promise<void> | void => {
    const { reduced } = settings.limits.default
    const rule = reduced?.of === 'everybody' ? shrunk(limit, reduced.share) : limit
    const first = count(exchange, `key:${id}`, rule)
    if (current().group === 'default') return first
    return first ? first.then(() => person(exchange, actor)) : person(exchange, actor)
  }
  return {
    before(exchange: Exchange, { actor }: Principal): Promise<void> | void {
      if (!actor) return take(exchange, `address:${networkOf(exchange.address)}`, current().anonymous)
      return actor.key ? keyed(exchange, actor, actor.key) : person(exchange, actor)
    },
    after(exchange: Exchange, input: unknown): Promise<void> | void {
      if (field === undefined) return
      const value = (input as Readonly<Record<string, unknown>>)[field]
      return typeof value === 'string' ? take(exchange, `${field}:${value}`) : undefined
    },
  }
}
