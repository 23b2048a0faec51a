import { common, type Failure } from '@plinth/kit'
import type { Hono } from 'hono'
import type { Bindings } from './direct.ts'

const patternOf = (path: string): RegExp => new RegExp(`^${path.replaceAll(/:\w+/g, '[^/]+')}/?$`)

/**
 * Prepares what a request that no route took is told: 405 with the methods of its path, or 404 when there is no such
 * path. It looks through all paths, which is slow, but only what is refused waits for it.
 */
export const prepareUnknown = (app: Hono<{ Bindings: Bindings }>): ((path: string) => Failure) => {
  const methods = new Map<string, Set<string>>()
  for (const { path, method } of app.routes) {
    if (path.includes('*') || method === 'ALL') continue
    const known = methods.get(path) ?? new Set()
    methods.set(path, known.add(method))
  }
  const paths = [...methods].map(([path, known]) => ({ pattern: patternOf(path), known }))
  return (asked) => {
    // A path that is known by its very words is that one, whatever parameters could be read into it.
    const exact = methods.get(asked.length > 1 ? asked.replace(/\/$/, '') : asked)
    const known = exact ?? new Set(paths.flatMap((one) => (one.pattern.test(asked) ? [...one.known] : [])))
    if (known.size === 0) return common('ROUTE_NOT_FOUND')
    const allow = [...known, ...(known.has('GET') ? ['HEAD'] : []), 'OPTIONS'].join(', ')
    return common('METHOD_NOT_ALLOWED', { headers: { allow } })
  }
}
