import { createHash, randomUUID } from 'node:crypto'
import type { Cache, CacheEntry, CacheOptions, CacheStats, Clock } from '@plinth/kit'
import { type RedisLink, redisScript } from '../redis/link.ts'

interface RedisCacheDeps {
  readonly redis: RedisLink
  readonly clock: Clock
  /** Answers above this are not kept; how much Redis holds in all is its own setting. */
  readonly maxEntryBytes: number
}

// A tag has a random state, which a drop takes away (that is allowed even where memory is full), and the next mark gives
// it another one. An entry holds the states that it was computed under, and is good only while they are the same.
const MARK = redisScript(`
  local states = {}
  for i, key in ipairs(KEYS) do
    local state = redis.call('GET', key)
    if not state then
      state = ARGV[1]
      redis.call('SET', key, state, 'PX', ARGV[2])
    end
    states[i] = state
  end
  return table.concat(states, ',')`)

const RELEASE = redisScript(`
  if redis.call('GET', KEYS[1]) == ARGV[1] then return redis.call('DEL', KEYS[1]) end
  return 0`)

// A state that is forgotten costs a miss, so it needs to live no longer than entries are useful.
const TAG_MS = 7 * 24 * 3_600_000

const hashOf = (key: string): string => createHash('sha256').update(key).digest('base64url')

const write = (entry: CacheEntry, { expiresAt, mark }: CacheOptions): string =>
  `${mark}\n${expiresAt}\n${entry.etag}\n${entry.json}`

/** Reads what {@link write} wrote; nothing if it is older than the tags or its time is over. */
const read = (text: string, states: readonly (string | null)[], now: number): CacheEntry | undefined => {
  const [mark = '', expiresAt = '', etag = ''] = text.split('\n', 3)
  if (mark !== states.join(',') || Number(expiresAt) <= now) return undefined
  return { etag, json: text.slice(mark.length + expiresAt.length + etag.length + 3) }
}

const field = (info: string, name: string): number =>
  Number(new RegExp(`^${name}:(\\d+)`, 'm').exec(info)?.[1] ?? 0)

/** Drops that Redis was not told of: until it is, entries with these tags are not believed. */
const createDebts = (redis: RedisLink, forget: (tags: readonly string[]) => Promise<unknown>) => {
  const owed = new Map<string, symbol>()
  const pay = async (): Promise<void> => {
    const paid = [...owed]
    if (paid.length === 0) return
    await forget(paid.map(([tag]) => tag))
    // One that was dropped again meanwhile is owed again.
    for (const [tag, drop] of paid) if (owed.get(tag) === drop) owed.delete(tag)
  }
  const payIfUp = (): Promise<void> => pay().catch(() => undefined)
  redis.onUp(() => void payIfUp())
  return {
    add(tags: readonly string[]): void {
      for (const tag of tags) owed.set(tag, Symbol(tag))
    },
    touches: (tags: readonly string[]): boolean => owed.size > 0 && tags.some((tag) => owed.has(tag)),
    payIfUp,
  }
}

/** Keeps answers in Redis, for all processes together. While Redis is away it has nothing and keeps nothing. */
export const createRedisCache = ({ redis, clock, maxEntryBytes }: RedisCacheDeps) => {
  const counts = { hits: 0, misses: 0 }
  let seen = { evictions: 0, entries: 0, bytes: 0 }
  const tagKeys = (tags: readonly string[]) => tags.map((tag) => redis.key('tag', tag))
  const entryKey = (key: string) => redis.key('answer', hashOf(key))
  // Away, it is as if nothing were kept: the link counts the failure and tells of it.
  const orNothing = <R>(work: Promise<R>): Promise<R | undefined> => work.catch(() => undefined)

  const debts = createDebts(redis, (tags) => redis.run((client) => client.del(...tagKeys(tags))))

  return {
    async get(key: string, now: number, tags: readonly string[]): Promise<CacheEntry | undefined> {
      const asked = redis.run((client) => client.mget(entryKey(key), ...tagKeys(tags)))
      const [text, ...states] = (await orNothing(asked)) ?? []
      const entry = typeof text === 'string' && !debts.touches(tags) ? read(text, states, now) : undefined
      if (entry) counts.hits += 1
      else counts.misses += 1
      return entry
    },
    async mark(tags: readonly string[]): Promise<string | undefined> {
      if (debts.touches(tags)) await debts.payIfUp()
      if (debts.touches(tags)) return undefined
      const states = await orNothing(redis.script(MARK, tagKeys(tags), [randomUUID(), TAG_MS]))
      return typeof states === 'string' ? states : undefined
    },
    async set(key: string, entry: CacheEntry, options: CacheOptions): Promise<void> {
      const ms = Math.ceil(options.expiresAt - clock.now().getTime())
      const text = write(entry, options)
      if (ms <= 0 || Buffer.byteLength(text) > maxEntryBytes) return
      await orNothing(redis.run((client) => client.set(entryKey(key), text, 'PX', ms)))
    },
    async drop(tags: readonly string[]): Promise<void> {
      debts.add(tags)
      await debts.payIfUp()
    },
    async claim(key: string, ms: number): Promise<(() => Promise<void>) | null> {
      const name = redis.key('claim', hashOf(key))
      const own = randomUUID()
      const taken = await orNothing(redis.run((client) => client.set(name, own, 'PX', ms, 'NX')))
      // Null is the answer that another one has it; without an answer there is nobody to wait for.
      if (taken === null) return null
      return async () => void (await orNothing(redis.script(RELEASE, [name], [own])))
    },
    /** Counts of this process; what is kept and what was evicted is the whole Redis's. */
    async stats(): Promise<CacheStats> {
      const told = await orNothing(
        redis.run((client) => Promise.all([client.info('stats'), client.info('memory'), client.dbsize()])),
      )
      if (told)
        seen = {
          evictions: field(told[0], 'evicted_keys'),
          bytes: field(told[1], 'used_memory'),
          entries: told[2],
        }
      return { ...counts, ...seen }
    },
  } satisfies Cache
}
