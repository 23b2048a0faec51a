/** A bounded map that forgets what was not asked for longest. */
export interface Lru<K, V> {
  get(key: K): V | undefined
  set(key: K, value: V): void
  clear(): void
  readonly size: number
}

/** Makes a map that forgets what was asked for longest ago, once it holds `limit` entries. */
export const createLru = <K, V>(limit: number): Lru<K, V> => {
  const entries = new Map<K, V>()
  return {
    get(key) {
      const value = entries.get(key)
      // While there is room nothing is forgotten, so the order need not be kept.
      if (value !== undefined && entries.size >= limit) {
        entries.delete(key)
        entries.set(key, value)
      }
      return value
    },
    set(key, value) {
      if (entries.size >= limit) {
        const oldest = entries.keys().next()
        if (!oldest.done) entries.delete(oldest.value)
      }
      entries.set(key, value)
    },
    clear: () => entries.clear(),
    get size() {
      return entries.size
    },
  }
}
