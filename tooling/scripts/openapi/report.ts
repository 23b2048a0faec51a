import { type Change, isBreak } from './change.ts'

const column = (values: readonly string[]) => Math.max(0, ...values.map((value) => value.length))

/** A table for people: kind, operation, and what changed, one change a line. */
export const tableOf = (changes: readonly Change[]): string => {
  const kinds = column(changes.map(({ kind }) => kind))
  const operations = column(changes.map(({ operationId }) => operationId))
  return changes
    .map(({ kind, operationId, sentence }) =>
      `${kind.padEnd(kinds)}  ${operationId.padEnd(operations)}  ${sentence}`.trimEnd(),
    )
    .join('\n')
}

/** How many changes of each kind there are, in one line. */
export const summaryOf = (changes: readonly Change[]): string => {
  const count = (kind: Change['kind']) => changes.filter((change) => change.kind === kind).length
  const breaks = `${count('wire')} in wire, ${count('type')} in type, ${count('behaviour')} in behaviour`
  return `${count('addition')} additions, ${changes.filter(isBreak).length} breaks (${breaks})`
}

/** Why the changes can't be released as they are; undefined when they can. */
export const refusalOf = (changes: readonly Change[], isAnnounced: boolean): string | undefined => {
  if (isAnnounced || !changes.some(isBreak)) return undefined
  return [
    'The document breaks callers, and no changeset says so. Add one with a breaking bump of @plinth/contract',
    'or @plinth/sdk: "major", or while the package is at 0.x "minor", which is what semver breaks with there.',
  ].join('\n')
}
