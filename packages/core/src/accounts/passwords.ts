import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { hash, parseOptions, verify } from '@node-rs/argon2'
import type { HashCost } from '../settings.ts'
import { createHashGate } from './hash-gate.ts'

// At 25 ms a hash on each core, the last in the queue waits about a second on two.
const MOST_WAITING_PER_CORE = 64

const base64 = (bytes: number): string => randomBytes(bytes).toString('base64').replaceAll('=', '')

// Keyboards differ in how they compose an accented letter; it is the same password.
const composed = (password: string): string => password.normalize('NFKC')

// The hash of no password: finding that out costs what any other comparison costs.
const unmatchable = ({ memoryCost, timeCost, parallelism }: HashCost): string =>
  `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=${parallelism}$${base64(16)}$${base64(32)}`

const costs = (stored: string, cost: HashCost): boolean => {
  const { memoryCost, timeCost, parallelism } = parseOptions(stored)
  return memoryCost === cost.memoryCost && timeCost === cost.timeCost && parallelism === cost.parallelism
}

/** Hashes and compares passwords with Argon2id at the given cost, a bounded number at a time. */
export const createPasswords = (cost: HashCost) => {
  const cores = availableParallelism()
  const gate = createHashGate(cores, cores * MOST_WAITING_PER_CORE)
  const dummy = unmatchable(cost)
  const hashed = (password: string): Promise<string> => gate(() => hash(composed(password), { ...cost }))
  return {
    hash: hashed,
    /** Compares; takes the same time where there is nothing to compare with. */
    matches: (stored: string | undefined, password: string): Promise<boolean> =>
      gate(() => verify(stored ?? dummy, composed(password))),
    /** A new hash of a password that matches, where the stored one was made at another cost; else null. */
    renewed: async (stored: string, password: string): Promise<string | null> =>
      costs(stored, cost) ? null : hashed(password),
  }
}

/** What {@link createPasswords} makes. */
export type Passwords = ReturnType<typeof createPasswords>
