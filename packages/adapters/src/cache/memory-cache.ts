import type { Cache, CacheEntry, CacheOptions } from '@plinth/kit'

interface MemoryCacheSettings {
  readonly maxEntries: number
  readonly maxBytes: number
}

interface Kept {
  readonly entry: CacheEntry
  readonly tags: readonly string[]
  readonly expiresAt: number
  readonly bytes: number
}

// What an entry takes beside its texts: the record, its places in the maps, the headers of its strings.
const OVERHEAD_BYTES = 300

const bytesOf = (key: string, { json, etag }: CacheEntry): number =>
  2 * (key.length + json.length + etag.length) + OVERHEAD_BYTES

/** The entries in the order of their last use, and by tag. */
const createShelf = () => {
  const kept = new Map<string, Kept>()
  const byTag = new Map<string, Set<string>>()
  let bytes = 0

  const remove = (key: string): void => {
    const found = kept.get(key)
    if (!found) return
    kept.delete(key)
    bytes -= found.bytes
    for (const tag of found.tags) {
      const keys = byTag.get(tag)
      keys?.delete(key)
      if (keys?.size === 0) byTag.delete(tag)
    }
  }

  return {
    remove,
    peek: (key: string) => kept.get(key),
    oldest: (): string | undefined => kept.keys().next().value,
    keysOf: (tag: string): Iterable<string> => byTag.get(tag) ?? [],
    size: () => ({ entries: kept.size, bytes }),
    touch(key: string, item: Kept): void {
      kept.delete(key)
      kept.set(key, item)
    },
    add(key: string, item: Kept): void {
      remove(key)
      kept.set(key, item)
      bytes += item.bytes
      for (const tag of item.tags) {
        const keys = byTag.get(tag)
        if (keys) keys.add(key)
        else byTag.set(tag, new Set([key]))
      }
    },
  }
}

/**
 * Keeps answers in this process, bounded in entries and in bytes (two per character, more than V8 needs);
 * what was not used for longest goes first. Nothing in it waits: every method is done when it returns.
 */
export const createMemoryCache = ({ maxEntries, maxBytes }: MemoryCacheSettings) => {
  const shelf = createShelf()
  // One number per tag; tags stand in the contract, so there are only so many of them.
  const versions = new Map<string, number>()
  const counts = { hits: 0, misses: 0, evictions: 0 }

  const mark = (tags: readonly string[]): string => tags.map((tag) => versions.get(tag) ?? 0).join()

  const shrink = (): void => {
    for (let size = shelf.size(); size.entries > maxEntries || size.bytes > maxBytes; size = shelf.size()) {
      const oldest = shelf.oldest()
      if (oldest === undefined) return
      shelf.remove(oldest)
      counts.evictions += 1
    }
  }

  return {
    mark,
    get(key: string, now: number): CacheEntry | undefined {
      const found = shelf.peek(key)
      if (found && found.expiresAt > now) {
        shelf.touch(key, found)
        counts.hits += 1
        return found.entry
      }
      shelf.remove(key)
      counts.misses += 1
      return undefined
    },
    set(key: string, entry: CacheEntry, { tags, expiresAt, mark: before }: CacheOptions): void {
      const bytes = bytesOf(key, entry)
      if (bytes > maxBytes || mark(tags) !== before) return
      shelf.add(key, { entry, tags, expiresAt, bytes })
      shrink()
    },
    drop(tags: readonly string[]): void {
      for (const tag of tags) {
        versions.set(tag, (versions.get(tag) ?? 0) + 1)
        for (const key of shelf.keysOf(tag)) shelf.remove(key)
      }
    },
    stats: () => ({ ...counts, ...shelf.size() }),
  } satisfies Cache
}
