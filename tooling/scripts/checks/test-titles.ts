/** A test or a group of tests, by the title that stands in the source: placeholders of a table are not filled in. */
export interface Titled {
  readonly title: string
  readonly isTest: boolean
  /** How far it is indented: what belongs to a group is indented further. */
  readonly depth: number
}

// Code is formatted: a test begins a line, and what closes its table begins one with the same indent.
const begin = /^([ \t]*)(?:for \(.*\) )?(test|it|describe)((?:\.\w+)*)\(/gm
const literal = /^\s*(?:'((?:[^'\\\n]|\\.)*)'|"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\[\s\S])*)`)/

const behindTable = (rest: string, indent: string): string => {
  const close = new RegExp(`(?:^|\\n${indent}(?=\\S))[^\\n]*?\\)\\((?=\\s*['"\`])`).exec(rest)
  return close ? rest.slice(close.index + close[0].length) : ''
}

/** The titles of a test file in their order. Those that are skipped, or still to be written, are left out. */
export const testTitles = (source: string): Titled[] =>
  [...source.matchAll(begin)].flatMap((match) => {
    const [whole, indent = '', kind, modifiers = ''] = match
    if (/\.(?:skip|todo)\b/.test(modifiers)) return []
    const rest = source.slice(match.index + whole.length)
    const isCurried = /\.(?:each|for|skipIf|runIf)$/.test(modifiers)
    const [, single, double, template] = literal.exec(isCurried ? behindTable(rest, indent) : rest) ?? []
    const title = single ?? double ?? template
    if (title === undefined) return []
    return [{ title: title.replace(/\\(['"`\\])/g, '$1'), isTest: kind !== 'describe', depth: indent.length }]
  })

/** The titles of the cases that a file of the matrix declares. */
export const caseTitles = (source: string): Titled[] =>
  [...source.matchAll(/^[ \t]*title: /gm)].flatMap((match) => {
    const [, single, double, template] = literal.exec(source.slice(match.index + match[0].length)) ?? []
    const title = single ?? double ?? template
    return title === undefined ? [] : [{ title, isTest: true, depth: 0 }]
  })
