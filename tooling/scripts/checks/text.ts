const token = /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`/g

const isComment = (text: string) => text.startsWith('//') || text.startsWith('/*')

const blank = (text: string) => text.replace(/[^\n]/g, ' ')

/** Replaces comments by spaces, so that offsets and line numbers stay what they were. */
export const withoutComments = (text: string): string =>
  text.replace(token, (match) => (isComment(match) ? blank(match) : match))

/** Replaces comments and the content of string literals by spaces. */
export const withoutWords = (text: string): string => text.replace(token, blank)

/** Replaces everything but comments by spaces. */
export const onlyComments = (text: string): string => {
  let end = 0
  const parts = [...text.matchAll(token)].filter(([match]) => isComment(match))
  const kept = parts.map((match) => {
    const before = text.slice(end, match.index)
    end = match.index + match[0].length
    return blank(before) + match[0]
  })
  return kept.join('') + blank(text.slice(end))
}

/** The string literals of a source, quotes included, each with its line. */
export const stringLiterals = (text: string): { line: number; literal: string }[] =>
  [...text.matchAll(token)]
    .filter(([match]) => !isComment(match))
    .map((match) => ({ line: lineAt(text, match.index), literal: match[0] }))

/** The number of the line that an offset is on, counted from 1. */
export const lineAt = (text: string, offset: number): number => text.slice(0, offset).split('\n').length
