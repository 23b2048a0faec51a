import type { Finding, SourceFile } from './files.ts'
import { lineAt } from './text.ts'

// `(?:)` keeps these patterns from finding themselves.
const addresses: readonly RegExp[] = [
  /(?<![\w.}])\/(?:)(?:work|root|home\/[a-z]+|Users\/\w+)\//g,
  /\b(?:)registry\.(?:)(?:npmjs|yarnpkg|npmmirror)\b/g,
  /\bdeb\.(?:)debian\b/g,
  /\b(?:)[A-Z]:\\\\?Users\\/g,
]

/** Finds paths of somebody's machine and addresses of package registries. The lockfile is left out. */
export const machineAddresses = (files: readonly SourceFile[]): Finding[] =>
  files
    .filter(({ path }) => path !== 'pnpm-lock.yaml')
    .flatMap(({ path, text }) =>
      addresses.flatMap((pattern) =>
        [...text.matchAll(pattern)].map((match) => ({
          path,
          line: lineAt(text, match.index),
          message: `names a place on one machine or a registry: ${match[0]}`,
        })),
      ),
    )
