const SMALL = new Set(['a', 'an', 'and', 'at', 'for', 'in', 'of', 'on', 'or', 'the', 'to', 'with'])

const capitalised = (word: string): string =>
  word
    .toLowerCase()
    .replace(/(^|[^\p{L}'’])(\p{L})/gu, (_, before: string, letter: string) => before + letter.toUpperCase())

/** A name in capitals as a title: `SET OF 4 T-LIGHTS` becomes `Set of 4 T-Lights`. Others keep their letters. */
export const titleCase = (text: string): string => {
  const words = text.trim().split(/\s+/)
  if (text !== text.toUpperCase()) return words.join(' ')
  return words
    .map((word, at) => {
      // Measures and codes, such as 34X20CM.
      if (/\d/.test(word)) return word
      return at > 0 && SMALL.has(word.toLowerCase()) ? word.toLowerCase() : capitalised(word)
    })
    .join(' ')
}
