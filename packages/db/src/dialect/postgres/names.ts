import { createHash } from 'node:crypto'
import { createLru } from '../../lru.ts'
import { shapeOf } from '../../statements.ts'

const MOST_NAMES = 500
const LONGEST_NAMED = 8192
// The same text answers other columns for every cursor, which a kept description would not know.
const OF_CURSOR = /^(?:declare|fetch|close) /

interface Known {
  readonly shape: string
  name: string | undefined
  seen: boolean
}

/**
 * Gives statements the names under which the server keeps them prepared. A statement is named when it is
 * seen a second time; after a bounded number of names the rest go unnamed, because every connection would
 * hold them until its end.
 */
export const createNames = () => {
  const statements = createLru<string, Known>(2 * MOST_NAMES)
  let names = 0
  let generation = 0

  const nameOf = (sql: string): string | undefined => {
    if (names >= MOST_NAMES || sql.length > LONGEST_NAMED || OF_CURSOR.test(sql)) return undefined
    names += 1
    return `p${generation}_${createHash('sha1').update(sql).digest('base64url')}`
  }

  return {
    of(sql: string): Readonly<Known> {
      const known = statements.get(sql)
      if (!known) {
        const fresh: Known = { shape: shapeOf(sql), name: undefined, seen: false }
        statements.set(sql, fresh)
        return fresh
      }
      if (!known.seen) {
        known.seen = true
        known.name = nameOf(sql)
      }
      return known
    },
    /** Plans made under an older schema are void: every statement gets another name from now on. */
    renew() {
      generation += 1
      names = 0
      statements.clear()
    },
    get cached() {
      return names
    },
  }
}

/** Names of statements by their text; see {@link createNames}. */
export type Names = ReturnType<typeof createNames>
