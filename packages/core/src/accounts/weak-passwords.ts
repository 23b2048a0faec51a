import { readFileSync } from 'node:fs'
import { scoreOf } from './strength.ts'

/** Whose password it is to be. */
interface Owner {
  readonly email: string
  readonly name: string
}

/** Why a password is easy to guess for this account, as a message for its field; null when it is not. */
export type Weakness = (password: string, owner: Owner) => Promise<string | null>

const common = new Set(
  readFileSync(new URL('./common-passwords.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#')),
)

// Parts of a name shorter than this stand in many good passwords by chance.
const SHORTEST_PART = 4

const folded = (password: string): string => password.normalize('NFKC').toLowerCase()

const isCommon = (lower: string): boolean => {
  const letters = lower.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
  return common.has(lower) || common.has(letters)
}

const partsOf = ({ email, name }: Owner): string[] =>
  [email.slice(0, email.lastIndexOf('@')), ...name.toLowerCase().split(/[^\p{L}\p{N}]+/u)].filter(
    (part) => part.length >= SHORTEST_PART,
  )

/** The same, for the one reason that takes no time: that it holds the owner's name. */
export const named = (password: string, owner: Owner): string | null => {
  const lower = folded(password)
  return partsOf(owner).some((part) => lower.includes(part)) ? 'contains your name or email address' : null
}

/**
 * Makes the judge of new passwords. Common ones and those with the owner's name are refused by lists, whatever their
 * score; the rest must reach a score of zxcvbn, which knows words, dates, rows of keys, repetitions and sequences.
 */
export const createWeakness =
  (minScore: number): Weakness =>
  async (password, owner) => {
    if (isCommon(folded(password))) return 'is one of the most common passwords'
    const why = named(password, owner)
    if (why !== null || minScore === 0) return why
    const score = await scoreOf(password, partsOf(owner))
    return score < minScore ? 'is easy to guess' : null
  }
