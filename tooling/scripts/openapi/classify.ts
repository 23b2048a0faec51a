import { type Change, type Difference, isBreak } from './change.ts'
import { type Located, type OpenApi, operationsOf, pointerOf } from './document.ts'
import { compareOperations } from './operation-diff.ts'
import { comparePolicies } from './policy-diff.ts'

const signature = ({ method, path }: Located) => `${method.toUpperCase()} ${path}`

const compareComponents = (before: OpenApi, after: OpenApi): Change[] => {
  const [old, now] = [before.components?.schemas ?? {}, after.components?.schemas ?? {}]
  const added = Object.keys(now).filter((name) => !(name in old))
  return Object.entries(old)
    .filter(([name]) => !(name in now))
    .map(([name, schema]) => {
      const twin = added.find((other) => JSON.stringify(now[other]) === JSON.stringify(schema))
      const sentence =
        twin === undefined ? `schema ${name} was removed` : `schema ${name} is now called ${twin}`
      return { kind: 'type', sentence, operationId: '', pointer: pointerOf('components', 'schemas', name) }
    })
}

const unique = (changes: readonly Change[]): Change[] => [
  ...new Map(changes.map((change) => [JSON.stringify(change), change])).values(),
]

/**
 * Every change between two OpenAPI documents that a caller can notice, breaks first. Equal documents give
 * none; what is only said differently (summaries, descriptions, examples) is no change.
 */
export const classify = (before: OpenApi, after: OpenApi): Change[] => {
  const [old, now] = [operationsOf(before), operationsOf(after)]
  const defaults = [before.security ?? [], after.security ?? []] as const
  const removed = [...old].filter(([key]) => !now.has(key))
  const added = [...now].filter(([key]) => !old.has(key))
  const kept = [...now].flatMap(([key, to]) => {
    const from = old.get(key)
    if (!from) return []
    const own = (difference: Difference): Change => ({ ...difference, operationId: to.id })
    const differences = compareOperations(from, to, { before, after })
    return [...differences, ...comparePolicies(from, to, defaults)].map(own)
  })
  const whole = (located: Located, kind: Change['kind'], what: string): Change => ({
    kind,
    sentence: `${signature(located)} ${what}`,
    operationId: located.id,
    pointer: located.pointer,
  })
  const changes = [
    ...removed.map(([, located]) => whole(located, 'wire', 'was removed')),
    ...added.map(([, located]) => whole(located, 'addition', 'is new')),
    ...kept,
    ...compareComponents(before, after),
  ]
  return unique(changes).toSorted((a, b) => Number(isBreak(b)) - Number(isBreak(a)))
}
