import { readFileSync } from 'node:fs'

const common = new Set(
  readFileSync(new URL('./common-passwords.txt', import.meta.url), 'utf8')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#')),
)

// Parts of a name shorter than this stand in many good passwords by chance.
const SHORTEST_PART = 4

const isCommon = (password: string): boolean => {
  const letters = password.replace(/^[^\p{L}]+|[^\p{L}]+$/gu, '')
  return common.has(password) || common.has(letters)
}

/** Whether it is one short piece again and again, such as `abcabcabcabc`. */
const isRepetition = (password: string): boolean => /^(.{1,4}?)\1+.{0,3}$/u.test(password)

/** Whether each character follows the one before in the alphabet or in counting, up or down, such as `23456789ab`. */
const isSequence = (password: string): boolean => {
  const codes = [...password].map((character) => character.codePointAt(0) ?? 0)
  const steps = codes.slice(1).map((code, index) => code - (codes[index] ?? 0))
  const breaks = steps.filter((step, index) => Math.abs(step) !== 1 || step !== (steps[index - 1] ?? step))
  return breaks.length <= 1
}

const partsOf = (email: string, name: string): string[] =>
  [email.slice(0, email.lastIndexOf('@')), ...name.toLowerCase().split(/[^\p{L}\p{N}]+/u)].filter(
    (part) => part.length >= SHORTEST_PART,
  )

/** Why a password is easy to guess for this account, as a message for its field; null when it is not. */
export const weakness = (
  password: string,
  { email, name }: { email: string; name: string },
): string | null => {
  const lower = password.normalize('NFKC').toLowerCase()
  if (isCommon(lower)) return 'is one of the most common passwords'
  if (isRepetition(lower)) return 'repeats the same few characters'
  if (isSequence(lower)) return 'is a run of neighbouring characters'
  if (partsOf(email, name).some((part) => lower.includes(part))) return 'contains your name or email address'
  return null
}
