import type { Difference, Kind } from './change.ts'
import type { Located, Operation, Security } from './document.ts'

type Pair = { from: Operation; to: Operation; pointer: string }

const at = (pointer: string, key: string, kind: Kind, sentence: string): Difference => ({
  kind,
  sentence,
  pointer: `${pointer}/${key}`,
})

const text = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value))

/** How much an access rule asks for. Between rules that ask for a permission nothing can be said. */
const demand = (access: unknown): number => {
  if (access === 'public') return 0
  return access === 'user' ? 1 : 2
}

const compareAccess = ({ from, to, pointer }: Pair): Difference[] => {
  const key = 'x-plinth-access'
  const [old, now] = [from[key] ?? 'user', to[key] ?? 'user']
  if (text(old) === text(now)) return []
  const kind = demand(now) < demand(old) ? 'addition' : 'behaviour'
  return [at(pointer, key, kind, `access is now ${text(now)} (was ${text(old)})`)]
}

// A document from before there were scopes says nothing of them.
const compareScope = ({ from, to, pointer }: Pair): Difference[] => {
  const key = 'x-plinth-scope'
  const [old, now] = [from[key], to[key]]
  if (old === undefined || now === undefined || old === now) return []
  if (old === null) return [at(pointer, key, 'addition', `can now be called with the scope ${now}`)]
  const sentence =
    now === null
      ? `can no longer be called with a limited credential (was ${old})`
      : `needs the scope ${now} (was ${old})`
  return [at(pointer, key, 'behaviour', sentence)]
}

const compareDemands = ({ from, to, pointer }: Pair): Difference[] => {
  const demands = {
    'x-plinth-fresh': 'a recent proof of identity',
    'x-plinth-verified': 'a verified email address',
  }
  return (Object.keys(demands) as (keyof typeof demands)[]).flatMap((key) => {
    const [old, now] = [from[key] ?? false, to[key] ?? false]
    if (old === now) return []
    return now
      ? [at(pointer, key, 'behaviour', `now needs ${demands[key]}`)]
      : [at(pointer, key, 'addition', `no longer needs ${demands[key]}`)]
  })
}

const compareLimit = ({ from, to, pointer }: Pair): Difference[] => {
  const key = 'x-plinth-limit'
  const [old, now] = [from[key] ?? {}, to[key] ?? {}]
  const numbers = (['perMinute', 'burst'] as const).flatMap((name) => {
    const [was, is] = [old[name] ?? Infinity, now[name] ?? Infinity]
    if (was === is) return []
    const sentence = `limit ${name} is now ${Number.isFinite(is) ? is : 'none'} (was ${Number.isFinite(was) ? was : 'none'})`
    return [at(pointer, key, is < was ? 'behaviour' : 'addition', sentence)]
  })
  if (old.group === now.group) return numbers
  const sentence = `limit is now counted in group ${now.group ?? 'none'} (was ${old.group ?? 'none'})`
  return [...numbers, at(pointer, key, 'behaviour', sentence)]
}

const compareIdempotency = ({ from, to, pointer }: Pair): Difference[] => {
  const key = 'x-plinth-idempotent'
  const [old, now] = [from[key] ?? false, to[key] ?? false]
  if (old === now) return []
  return now
    ? [at(pointer, key, 'addition', 'repeats by Idempotency-Key are now answered once')]
    : [at(pointer, key, 'behaviour', 'repeats by Idempotency-Key are executed again')]
}

const compareCache = ({ from, to, pointer }: Pair): Difference[] => {
  const key = 'x-plinth-cache'
  const [old, now] = [text(from[key]), text(to[key])]
  return old === now
    ? []
    : [at(pointer, key, 'addition', `cache is now ${now ?? 'none'} (was ${old ?? 'none'})`)]
}

const compareDeprecation = ({ from, to, pointer }: Pair): Difference[] =>
  to.deprecated && !from.deprecated ? [at(pointer, 'deprecated', 'addition', 'is now deprecated')] : []

const satisfies = (held: Security[number], asked: Security[number]) =>
  Object.entries(asked).every(
    ([scheme, scopes]) => scopes.every((scope) => held[scheme]?.includes(scope)) && scheme in held,
  )

// No entry at all asks for nothing, which is what an empty entry says.
const waysIn = (security: Security): Security => (security.length > 0 ? security : [{}])

const compareSecurity = (
  { from, to, pointer }: Pair,
  [old, now]: readonly [Security, Security],
): Difference[] => {
  const [before, after] = [waysIn(from.security ?? old), waysIn(to.security ?? now)]
  const closed = before.filter((held) => !after.some((asked) => satisfies(held, asked)))
  const opened = after.filter((asked) => !before.some((held) => satisfies(asked, held)))
  const name = (way: Security[number]) => Object.keys(way).join(' and ') || 'no credentials'
  return [
    ...closed.map((way) => at(pointer, 'security', 'behaviour', `can no longer be called with ${name(way)}`)),
    ...opened.map((way) => at(pointer, 'security', 'addition', `can now be called with ${name(way)}`)),
  ]
}

/** Compares what an operation lets callers do: access, scope, security, limits, idempotency, cache, deprecation. */
export const comparePolicies = (
  from: Located,
  to: Located,
  defaults: readonly [Security, Security],
): Difference[] => {
  const pair = { from: from.operation, to: to.operation, pointer: to.pointer }
  return [
    ...compareAccess(pair),
    ...compareScope(pair),
    ...compareDemands(pair),
    ...compareSecurity(pair, defaults),
    ...compareLimit(pair),
    ...compareIdempotency(pair),
    ...compareCache(pair),
    ...compareDeprecation(pair),
  ]
}
