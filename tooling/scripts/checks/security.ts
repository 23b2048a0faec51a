import { posix } from 'node:path'
import asvs from './asvs-5.0.0.json' with { type: 'json' }
import type { Finding, SourceFile } from './files.ts'
import { caseTitles, type Titled, testTitles } from './test-titles.ts'

const page = 'docs/security.md'
const levels = new Map<string, number>(Object.entries(asvs.levels))

/** How a requirement is dealt with; the order is that of the columns of the summary. */
const kinds = ['by test', 'by document', 'not applicable', 'not met'] as const
type Kind = (typeof kinds)[number]

interface Row {
  readonly line: number
  readonly id: string
  readonly level: string
  /** The number of the chapter that it stands under. */
  readonly chapter: string
  readonly evidence: string
}

const cellsOf = (line: string): string[] =>
  line
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim().replaceAll('\\|', '|'))

const rowsOf = (text: string): Row[] => {
  let chapter = ''
  return text.split('\n').flatMap((line, index) => {
    chapter = /^## V(\d+)\b/.exec(line)?.[1] ?? chapter
    const [id = '', level = '', , , evidence = ''] = cellsOf(line)
    return /^\d+\.\d+\.\d+$/.test(id) ? [{ line: index + 1, id, level, chapter, evidence }] : []
  })
}

const links = (evidence: string): string[] =>
  [...evidence.matchAll(/`([^`]+ > [^`]+)`/g)].map(([, link = '']) => link)
const headings = (evidence: string): string[] =>
  [...evidence.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)

const kindOf = ({ evidence }: Row): Kind | null => {
  const [, declined] = /^(not applicable|not met): \S.{8}/.exec(evidence) ?? []
  if (declined === 'not applicable' || declined === 'not met') return declined
  if (links(evidence).length > 0) return 'by test'
  return headings(evidence).length > 0 ? 'by document' : null
}

type Read = (path: string) => string | undefined

/** What a file holds by title: tests, or cases that the matrix tries on every procedure. Null: it holds none. */
const titlesOf = (path: string, read: Read): Titled[] | null => {
  const text = read(path)
  if (text === undefined) return null
  if (path.endsWith('.test.ts')) return testTitles(text)
  return /^packages\/testing\/src\/matrix\/cases-[\w-]+\.ts$/.test(path) ? caseTitles(text) : null
}

const within = (titles: readonly Titled[], at: number): Titled[] => {
  const depth = titles[at]?.depth ?? 0
  const end = titles.findIndex((other, place) => place > at && other.depth <= depth)
  return titles.slice(at + 1, end < 0 ? undefined : end)
}

/** What is wrong with `path > title` or `path > group > title`; null where the test is there. */
const faultOfLink = (link: string, read: Read): string | null => {
  const [path = '', ...names] = link.split(' > ')
  const title = names.pop()
  let titles = titlesOf(path, read)
  if (titles === null) return `${path} is no test file`
  for (const group of names) {
    const at = titles.findIndex((each) => !each.isTest && each.title === group)
    if (at < 0) return `${path} has no group "${group}"`
    titles = within(titles, at)
  }
  return titles.some((each) => each.isTest && each.title === title) ? null : `${path} has no test "${title}"`
}

/** The anchor that a heading gets where the page is shown. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(' ', '-')

const faultOfHeading = (target: string, read: Read): string | null => {
  const [to = '', anchor] = target.split('#')
  const path = posix.join(posix.dirname(page), to)
  const text = to === '' ? read(page) : read(path)
  if (text === undefined) return `${path} is no page`
  const there = [...text.matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => anchorOf(heading))
  return anchor !== undefined && there.includes(anchor) ? null : `${path} has no heading #${anchor ?? ''}`
}

const faultsOf = (row: Row, read: Read): string[] => {
  const { id, level, chapter, evidence } = row
  const known = levels.get(id)
  return [
    known === undefined ? 'is no requirement of level 1 or 2' : null,
    known !== undefined && level !== String(known) ? `is of level ${known}` : null,
    id.startsWith(`${chapter}.`) ? null : `stands in chapter ${chapter}`,
    kindOf(row) === null ? 'has neither a test, nor a heading, nor a reason why not' : null,
    ...links(evidence).map((link) => faultOfLink(link, read)),
    ...headings(evidence).map((target) => faultOfHeading(target, read)),
  ].flatMap((fault) => (fault === null ? [] : `${id} ${fault}`))
}

const faultsOfSummary = (rows: readonly Row[], text: string): string[] =>
  [1, 2].flatMap((level) => {
    const own = rows.filter((row) => row.level === String(level))
    const counts = kinds.map((kind) => own.filter((row) => kindOf(row) === kind).length)
    const cells = [level, ...counts, own.length].map(String)
    const isTold = text.split('\n').some((line) => cellsOf(line).join() === cells.join())
    return isTold ? [] : [`the summary of level ${level} must be: | ${cells.join(' | ')} |`]
  })

/**
 * Holds the table of security requirements to the truth: all requirements of level 1 and 2 stand in it once, and each test
 * and heading that it names is there.
 */
export const security = (files: readonly SourceFile[]): Finding[] => {
  const byPath = new Map(files.map(({ path, text }) => [path, text]))
  const read: Read = (path) => byPath.get(path)
  const text = read(page) ?? ''
  const rows = rowsOf(text)
  if (rows.length === 0) return [{ path: page, line: 0, message: 'has no requirements to check' }]
  const lines = Map.groupBy(rows, ({ id }) => id)
  const missing = [...levels.keys()].filter((id) => !lines.has(id))
  const doubled = [...lines.values()].flatMap(([, ...again]) => again)
  return [
    ...rows.flatMap((row) => faultsOf(row, read).map((message) => ({ path: page, line: row.line, message }))),
    ...doubled.map(({ line, id }) => ({ path: page, line, message: `${id} stands here a second time` })),
    ...missing.map((id) => ({ path: page, line: 0, message: `${id} of level ${levels.get(id)} is missing` })),
    ...faultsOfSummary(rows, text).map((message) => ({ path: page, line: 0, message })),
  ]
}
