import { randomInt, timingSafeEqual } from 'node:crypto'
import type { Vault } from '@plinth/kit'

/** Six digits, each number as likely as any other. */
export const newCode = (): string => randomInt(1_000_000).toString().padStart(6, '0')

/** What is stored of a code. Under a key, for a million codes are tried in no time; and another one for each row. */
export const codeHash = (vault: Vault, id: string, code: string): string =>
  vault.mark(code, `one-time code ${id}`)

/** Whether two hashes are the same, in the same time wherever they differ. */
export const sameHash = (one: string, other: string): boolean =>
  one.length === other.length && timingSafeEqual(Buffer.from(one), Buffer.from(other))
