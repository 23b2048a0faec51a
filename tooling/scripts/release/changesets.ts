import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

type Bump = 'major' | 'minor' | 'patch' | 'none'

/** A changeset's file name and the bump that it asks for, by package. */
export type Changeset = { file: string; bumps: Readonly<Record<string, Bump>> }

/** The packages whose surface others depend on, and the folder whose content is that surface. */
export const published: Readonly<Record<string, string>> = {
  '@plinth/contract': 'packages/contract/src/',
  '@plinth/sdk': 'packages/sdk/src/',
}

const entry = /^['"]?(@?[\w./-]+)['"]?:\s*['"]?(major|minor|patch|none)['"]?\s*$/

/** Reads the bumps in a changeset's front matter; text without one asks for nothing. */
export const parseChangeset = (file: string, text: string): Changeset => {
  const front = /^---\n([\s\S]*?)\n---/.exec(text)?.[1] ?? ''
  const bumps = front.split('\n').flatMap((line): [string, Bump][] => {
    const [, name, bump] = entry.exec(line) ?? []
    return name === undefined ? [] : [[name, bump as Bump]]
  })
  return { file, bumps: Object.fromEntries(bumps) }
}

/** Reads all pending changesets of the repository. */
export const readChangesets = (root: string): Changeset[] =>
  readdirSync(join(root, '.changeset'))
    .filter((file) => file.endsWith('.md') && file !== 'README.md')
    .map((file) => parseChangeset(file, readFileSync(join(root, '.changeset', file), 'utf8')))

/** The published packages whose sources are among the changed paths and that no changeset names. */
export const missingChangesets = (
  changedPaths: readonly string[],
  changesets: readonly Changeset[],
): string[] =>
  Object.entries(published)
    .filter(([, folder]) =>
      changedPaths.some((path) => path.startsWith(folder) && !/\.test\.tsx?$/.test(path)),
    )
    .map(([name]) => name)
    .filter((name) => !changesets.some(({ bumps }) => name in bumps))

// By semver a minor version breaks callers while the version is 0.x.
const breakingBumps = (version: string): readonly Bump[] =>
  version.startsWith('0.') ? ['minor', 'major'] : ['major']

/** Whether a pending changeset announces a break of a published package, given the packages' versions. */
export const announcesBreak = (
  changesets: readonly Changeset[],
  versions: Readonly<Record<string, string>>,
): boolean =>
  Object.entries(versions).some(([name, version]) =>
    changesets.some(({ bumps }) => {
      const bump = bumps[name]
      return bump !== undefined && breakingBumps(version).includes(bump)
    }),
  )
