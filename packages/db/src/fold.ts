const LONGEST_WORD = 64
const MOST_WORDS = 64

// Letters that Unicode does not decompose but that people search without their stroke or ligature.
const PLAIN: ReadonlyMap<string, string> = new Map([
  ['æ', 'ae'],
  ['œ', 'oe'],
  ['ø', 'o'],
  ['đ', 'd'],
  ['ð', 'd'],
  ['ħ', 'h'],
  ['ł', 'l'],
  ['þ', 'th'],
  ['ς', 'σ'],
])

const wordsOf = (text: string): string[] => {
  const folded = text
    .normalize('NFKD')
    // Upper case first: it turns "ß" into "SS" and the dotless "ı" into "I".
    .toUpperCase()
    .toLowerCase()
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .replace(/[æœøđðħłþς]/g, (letter) => PLAIN.get(letter) ?? letter)
  return (folded.match(/[\p{L}\p{N}]+/gu) ?? []).map((word) => [...word].slice(0, LONGEST_WORD).join(''))
}

/**
 * A text as full-text search stores it: words in lower case without accents, joined by one space.
 * Store it in the column that `search.create` indexes.
 */
export const foldText = (text: string): string => wordsOf(text).join(' ')

const LONGEST_NAME_BYTES = 1000

/**
 * A name as {@link foldText} writes it, cut at 1,000 bytes: a letter can fold to eighteen, and a column that is sorted by
 * must fit into an index and into a cursor.
 */
export const foldName = (name: string): string => {
  const bytes = Buffer.from(foldText(name))
  if (bytes.length <= LONGEST_NAME_BYTES) return bytes.toString()
  // A character that is cut through is left out.
  return new TextDecoder().decode(bytes.subarray(0, LONGEST_NAME_BYTES), { stream: true }).trimEnd()
}

/** The words of what somebody searches for, folded like the stored text: distinct, at most 64. */
export const searchWords = (text: string): string[] => [...new Set(wordsOf(text))].slice(0, MOST_WORDS)
