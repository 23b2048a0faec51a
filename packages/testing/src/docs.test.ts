import { existsSync, globSync, readFileSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { contract, walk } from '@plinth/contract'
import { expect, test } from 'vitest'
import { everybody, refusalOf } from './matrix/access.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const read = (path: string): string => readFileSync(join(root, path), 'utf8')

const pages = ['README.md', 'CONTRIBUTING.md', ...globSync('docs/**/*.md', { cwd: root })].map((path) => ({
  path,
  text: read(path),
}))

const found = (text: string, pattern: RegExp): string[] =>
  [...text.matchAll(pattern)].flatMap(([, match]) => match ?? [])

const withoutCode = (text: string): string => text.replace(/```[\s\S]*?```/g, '').replace(/`[^`\n]*`/g, '')

const relativeLinks = (text: string): string[] =>
  found(withoutCode(text), /\]\(([^)\s]+)\)/g)
    .filter((link) => !/^(?:[a-z]+:|#)/.test(link))
    .map((link) => link.replace(/#.*$/, ''))

test('every relative link of a page leads to a file', () => {
  const broken = pages.flatMap(({ path, text }) =>
    relativeLinks(text)
      .filter((link) => !existsSync(join(root, dirname(path), link)))
      .map((link) => `${path}: ${link}`),
  )
  expect(broken).toEqual([])
})

test('every script that a page tells to run exists', () => {
  const { scripts } = JSON.parse(read('package.json')) as { scripts: Record<string, string> }
  const missing = pages.flatMap(({ path, text }) =>
    [...found(text, /\bnpm run ([a-z][\w:-]*)/g), ...found(text, /\bnpm (start|test)\b/g)]
      .filter((name) => !(name in scripts))
      .map((name) => `${path}: ${name}`),
  )
  expect(missing).toEqual([])
})

test('every file or folder that the docs and the README name exists', () => {
  const missing = pages
    .filter(({ path }) => path !== 'CONTRIBUTING.md')
    .flatMap(({ path, text }) =>
      found(text, /`((?:packages|apps|tooling|docs)\/[\w./-]+)`/g)
        .filter((name) => !existsSync(join(root, name)))
        .map((name) => `${path}: ${name}`),
    )
  expect(missing).toEqual([])
})

test('every decision stands in the list of decisions, in order', () => {
  const files = globSync('docs/decisions/[0-9]*.md', { cwd: root }).map((path) => basename(path))
  expect(relativeLinks(read('docs/decisions/README.md'))).toEqual(files.toSorted())
})

test('the table of permissions tells of every procedure and role what the matrix holds them to', () => {
  const rows = [...walk(contract)].map(([name, { access }]) => {
    const cells = everybody.map((who) => (refusalOf(access, who) === null ? 'yes' : ''))
    return { name, cells: cells.join(' | ') }
  })
  const [, table = ''] = /## Who may call what\n([\s\S]*?)\n## /.exec(read('docs/permissions.md')) ?? []
  const told = [...table.matchAll(/^\| `([\w.]+)` \| [^|]+ \| (.*) \|$/gm)].map(([, name, cells = '']) => ({
    name,
    cells: cells.replaceAll(/\b(?:own|all)\b/g, 'yes').replaceAll(/ +/g, ' '),
  }))
  expect(told).toEqual(rows.map(({ name, cells }) => ({ name, cells: cells.replaceAll(/ +/g, ' ') })))
  expect(told.length).toBeGreaterThan(0)
})
