import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** One text file of the repository, its path relative to the root. */
export type SourceFile = { path: string; text: string }

/** What a check holds against a file; line 0 means the file, or the repository, as a whole. */
export type Finding = { path: string; line: number; message: string }

/** Reads every file that git tracks or would track, binary files left out. */
export const readRepository = (root: string): SourceFile[] =>
  execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
    .split('\0')
    .filter((path) => path !== '' && existsSync(join(root, path)))
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
    .filter(({ text }) => !text.includes('\0'))

const written = /\.(ts|tsx|mjs)$/
const generated = /\.d\.ts$|\.generated\.ts$/

/** Code that people write: TypeScript and JavaScript without what a tool generates. */
export const isCode = ({ path }: SourceFile): boolean => written.test(path) && !generated.test(path)

/** Test files, and what only tests import from beside them. */
export const isTest = ({ path }: SourceFile): boolean => /\.test\.tsx?$|\/fixtures\//.test(path)

/** Writes a finding the way editors and terminals make clickable: `path:line message`. */
export const formatFinding = ({ path, line, message }: Finding): string =>
  `${line > 0 ? `${path}:${line}` : path} ${message}`
