import { execFileSync } from 'node:child_process'

/** Asks git in the repository; undefined when it answers with an error. */
export const git = (root: string, ...args: readonly string[]): string | undefined => {
  try {
    const options = { cwd: root, encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], maxBuffer: 2 ** 28 }
    return execFileSync('git', args, options as { encoding: 'utf8' })
  } catch {
    // A missing commit or file is an answer here, not a failure: the caller decides what it means.
    return undefined
  }
}

const commit = (root: string, name: string) =>
  git(root, 'rev-parse', '--verify', '--quiet', `${name}^{commit}`)?.trim()

/**
 * The commit that a change is compared with: `PLINTH_BASE` when it names one, else where this branch left
 * `origin/main`, else the previous commit. Undefined in a repository's first commit.
 */
export const baseCommit = (root: string, named = process.env.PLINTH_BASE): string | undefined => {
  const given = named ? commit(root, named) : undefined
  if (given) return given
  const fork = git(root, 'merge-base', 'origin/main', 'HEAD')?.trim()
  const isAhead = fork !== undefined && fork !== commit(root, 'HEAD')
  return isAhead ? fork : commit(root, 'HEAD~1')
}

/** Paths that differ between a commit and the working tree, new files included. */
export const changedPaths = (root: string, base: string): string[] =>
  [
    git(root, 'diff', '--name-only', base) ?? '',
    git(root, 'ls-files', '--others', '--exclude-standard') ?? '',
  ]
    .join('\n')
    .split('\n')
    .filter((path) => path !== '')
