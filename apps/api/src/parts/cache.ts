import { createMemoryCache, createRedisCache, type RedisLink } from '@plinth/adapters'
import {
  type Cache,
  type Clock,
  createWarmer,
  type Locks,
  type Log,
  type Service,
  type Warmer,
} from '@plinth/kit'
import type { Settings } from '../settings.ts'

/** Where answers are kept. */
export const openCache = (
  { cache: { store, ...settings } }: Settings,
  { redis, clock }: { readonly redis: RedisLink | null; readonly clock: Clock },
): Cache =>
  redis && store !== 'memory'
    ? createRedisCache({ redis, clock, maxEntryBytes: settings.maxEntryBytes })
    : createMemoryCache(settings)

// What a visitor of a shop asks for first.
const HOT = [
  { procedure: 'commerce.products.list', input: {} },
  { procedure: 'commerce.categories.list', input: {} },
  { procedure: 'commerce.categories.list', input: { top: true } },
]

interface WarmerParts {
  readonly service: Service
  readonly locks: Locks
  readonly log: Log
}

/** What keeps hot answers warm, where answers are kept at all. */
export const openWarmer = ({ cache }: Settings, { service, locks, log }: WarmerParts): Warmer => {
  const reads = cache.warm ?? HOT.filter(({ procedure }) => service.procedures.get(procedure)?.warm)
  return createWarmer({
    service,
    reads: cache.on ? reads : [],
    everyMs: cache.warmEveryMs,
    locks,
    log: log.module('cache'),
  })
}
