import { type ContractRecord, walk } from '@plinth/contract'

/** The SDK's table of mutations that must not be made again: the contract itself would bring every schema with it. */
export const notRepeatableText = (contract: ContractRecord): string => {
  const names = [...walk(contract)].flatMap(([name, { kind, idempotent }]) =>
    kind === 'mutation' && !idempotent ? [`  '${name}',\n`] : [],
  )
  return `// Written by npm run docs, from the contract.

/** The mutations that keep no answer by key, and so are never made again by themselves. */
export const notRepeatable: readonly string[] = [\n${names.toSorted().join('')}]\n`
}
