import { type Finding, isCode, isTest, type SourceFile } from './files.ts'
import { withoutComments } from './text.ts'

type Line = { path: string; line: number; text: string }

/** Lines of code in all, those that stand more than once, and the places where a repetition starts. */
export type Duplication = { lines: number; repeated: number; places: { first: Line; again: Line }[] }

/** So many equal lines in a row, leaving out imports and lines of mere punctuation, are a repetition. */
const span = 8

const meaningful = (line: string) => /\w{2}/.test(line) && !/^(import|export) .*from |^\} from /.test(line)

const linesOf = ({ path, text }: SourceFile): Line[] =>
  withoutComments(text)
    .split('\n')
    .map((line, index) => ({ path, line: index + 1, text: line.trim().replace(/\s+/g, ' ') }))
    .filter((line) => meaningful(line.text))

const spansOf = (lines: readonly Line[]): Line[][] =>
  lines.slice(0, Math.max(0, lines.length - span + 1)).map((_, index) => lines.slice(index, index + span))

/** Measures how many lines of code stand more than once, in spans of 8 lines or longer. Tests are left out. */
export const measureDuplication = (files: readonly SourceFile[]): Duplication => {
  const sources = files.filter((file) => isCode(file) && !isTest(file)).map(linesOf)
  const seen = new Map<string, Line>()
  const repeated = new Set<Line>()
  const places: Duplication['places'] = []
  for (const lines of sources.flatMap(spansOf)) {
    const again = lines[0]
    const key = lines.map(({ text }) => text).join('\n')
    const first = seen.get(key)
    if (again === undefined) continue
    if (first === undefined) {
      seen.set(key, again)
      continue
    }
    // Overlapping spans are one repetition: its start is the place worth naming.
    if (!repeated.has(again)) places.push({ first, again })
    for (const line of lines) repeated.add(line)
  }
  return { lines: sources.reduce((sum, lines) => sum + lines.length, 0), repeated: repeated.size, places }
}

/** Refuses a repository of which more than `mostPercent` of the lines of code repeat others. */
export const duplication = (files: readonly SourceFile[], mostPercent: number): Finding[] => {
  const { lines, repeated, places } = measureDuplication(files)
  const percent = lines === 0 ? 0 : (100 * repeated) / lines
  if (percent <= mostPercent) return []
  const message = `${percent.toFixed(1)} % of the lines of code repeat others, ${mostPercent} % at the most`
  return places.map(({ first, again }) => ({
    path: again.path,
    line: again.line,
    message: `repeats ${first.path}:${first.line} (${message})`,
  }))
}
