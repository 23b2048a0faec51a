import { createRangeMap, type RangeMap } from './addresses.ts'
import type { AddressRulesTable } from './tables.ts'

/** A rule as it is judged by. */
export type JudgedRule = Pick<AddressRulesTable, 'effect' | 'routes' | 'range' | 'expires_at'>

interface Listed {
  readonly effect: 'allow' | 'deny'
  readonly until: number
}

interface Group {
  readonly ranges: RangeMap<Listed>
  /** Until when only those may come who are let in; 0 where all may. */
  allowsUntil: number
}

/** Judges addresses by the rules of a route. */
export interface Rules {
  readonly size: number
  /** Whether an address may not ask for a path at all. `probe`: only rules that name its path count. */
  refusesPath(address: string, path: string, probe: boolean, now: number): boolean
  /** Whether it may not call a procedure. */
  refusesCall(address: string, procedure: string, now: number): boolean
}

const untilOf = ({ expires_at }: JudgedRule): number =>
  expires_at === null ? Infinity : Date.parse(expires_at)

const groupsOf = (rules: readonly JudgedRule[]): Map<string, Group> => {
  const groups = new Map<string, Group>()
  for (const rule of rules) {
    const group = groups.get(rule.routes) ?? { ranges: createRangeMap<Listed>(), allowsUntil: 0 }
    groups.set(rule.routes, group)
    const until = untilOf(rule)
    group.ranges.add(rule.range, { effect: rule.effect, until })
    if (rule.effect === 'allow') group.allowsUntil = Math.max(group.allowsUntil, until)
  }
  return groups
}

const refuses = ({ ranges, allowsUntil }: Group, address: string, now: number): boolean => {
  const found = ranges.find(address).filter(({ until }) => until > now)
  if (found.some(({ effect }) => effect === 'deny')) return true
  return allowsUntil > now && found.length === 0
}

// `/metrics` is meant for /metrics and what lies below it, not for /metrics-of-mine.
const covers = (prefix: string, path: string): boolean => {
  const plain = prefix.endsWith('/') ? prefix.slice(0, -1) : prefix
  return path === plain || path.startsWith(`${plain}/`)
}

/** Prepares rules to be judged by; rules for procedures are found by the beginnings of a name, at most three. */
export const createRules = (rules: readonly JudgedRule[]): Rules => {
  const groups = groupsOf(rules)
  const everywhere = groups.get('*')
  const paths = [...groups].filter(([routes]) => routes.startsWith('/'))
  const procedures = new Map([...groups].filter(([routes]) => routes !== '*' && !routes.startsWith('/')))
  return {
    size: rules.length,
    refusesPath(address, path, probe, now) {
      if (everywhere && !probe && refuses(everywhere, address, now)) return true
      return paths.some(([prefix, group]) => covers(prefix, path) && refuses(group, address, now))
    },
    refusesCall(address, procedure, now) {
      if (procedures.size === 0) return false
      for (let end = procedure.length; end > 0; end = procedure.lastIndexOf('.', end - 1)) {
        const group = procedures.get(procedure.slice(0, end))
        if (group && refuses(group, address, now)) return true
      }
      return false
    },
  }
}
