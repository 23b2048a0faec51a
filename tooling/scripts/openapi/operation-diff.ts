import { type Difference, type Direction, differenceAt, type Place } from './change.ts'
import {
  type Located,
  type OpenApi,
  type Operation,
  type Parameter,
  pointerOf,
  type Response,
} from './document.ts'
import { compareSchemas } from './schema-diff.ts'

/** The earlier and the later document. */
export type Documents = { before: OpenApi; after: OpenApi }

const templateNames = (path: string) => [...path.matchAll(/\{([^}]*)\}/g)].map(([, name]) => name ?? '')

// A path parameter is known by its position: its name never goes over the wire.
const keyOf = ({ name, in: where }: Parameter, path: string) => {
  if (where === 'path') return `path ${templateNames(path).indexOf(name)}`
  return `${where} ${where === 'header' ? name.toLowerCase() : name}`
}

const parametersOf = ({ operation, path }: Located) =>
  new Map((operation.parameters ?? []).map((parameter) => [keyOf(parameter, path), parameter]))

const newParameter = (parameter: Parameter, place: Place): Difference => {
  if (!parameter.required) return differenceAt(place, 'addition', 'is new')
  return parameter.in === 'header'
    ? differenceAt(place, 'behaviour', 'is a new required header')
    : differenceAt(place, 'wire', 'is a new required input')
}

const nowRequired = (old: Parameter, now: Parameter, place: Place): Difference[] => {
  if (Boolean(old.required) === Boolean(now.required)) return []
  if (!now.required) return [differenceAt(place, 'addition', 'is now optional')]
  return [differenceAt(place, now.in === 'header' ? 'behaviour' : 'wire', 'is now required')]
}

const compareParameter = (
  old: Parameter,
  now: Parameter,
  place: Place,
  documents: Documents,
): Difference[] => [
  ...nowRequired(old, now, place),
  ...(old.name.toLowerCase() === now.name.toLowerCase()
    ? []
    : [differenceAt(place, 'type', `was called ${old.name}`)]),
  ...compareSchemas(old.schema ?? {}, now.schema ?? {}, place, {
    ...documents,
    direction: 'input',
    open: new Set(),
  }),
]

const compareParameters = (from: Located, to: Located, documents: Documents): Difference[] => {
  const [old, now] = [parametersOf(from), parametersOf(to)]
  const place = ({ in: where, name }: Parameter): Place => ({
    pointer: `${to.pointer}/parameters`,
    label: `${where} parameter ${name}`,
  })
  const gone = [...old].filter(([key]) => !now.has(key))
  return [
    ...gone.map(([, parameter]) => differenceAt(place(parameter), 'wire', 'was removed')),
    ...[...now].flatMap(([key, parameter]) => {
      const earlier = old.get(key)
      return earlier
        ? compareParameter(earlier, parameter, place(parameter), documents)
        : [newParameter(parameter, place(parameter))]
    }),
  ]
}

const compareContent = (
  [from, to]: readonly [Response, Response],
  place: Place,
  direction: Direction,
  documents: Documents,
): Difference[] => {
  const [old, now] = [from.content ?? {}, to.content ?? {}]
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((type) => {
    const pointer = `${place.pointer}${pointerOf('content', type, 'schema')}`
    if (!(type in now)) return [differenceAt(place, 'wire', `is no longer available as ${type}`)]
    if (!(type in old)) return [differenceAt(place, 'addition', `is also available as ${type}`)]
    const comparison = { ...documents, direction, open: new Set<string>() }
    return compareSchemas(old[type]?.schema ?? {}, now[type]?.schema ?? {}, { ...place, pointer }, comparison)
  })
}

const compareBody = (from: Operation, to: Operation, pointer: string, documents: Documents): Difference[] => {
  const place = { pointer: `${pointer}/requestBody`, label: 'body' }
  const [old, now] = [from.requestBody, to.requestBody]
  if (!old) return now ? [differenceAt(place, now.required ? 'wire' : 'addition', 'is new')] : []
  if (!now) return [differenceAt(place, 'wire', 'was removed')]
  const becameRequired = now.required && !old.required ? [differenceAt(place, 'wire', 'is now required')] : []
  return [...becameRequired, ...compareContent([old, now], place, 'input', documents)]
}

const compareHeaders = (from: Response, to: Response, place: Place): Difference[] => {
  const [old, now] = [Object.keys(from.headers ?? {}), Object.keys(to.headers ?? {})]
  return [
    ...old
      .filter((name) => !now.includes(name))
      .map((name) => differenceAt(place, 'wire', `lost header ${name}`)),
    ...now
      .filter((name) => !old.includes(name))
      .map((name) => differenceAt(place, 'addition', `has a new header ${name}`)),
  ]
}

const compareResponses = (
  from: Operation,
  to: Operation,
  pointer: string,
  documents: Documents,
): Difference[] => {
  const [old, now] = [from.responses ?? {}, to.responses ?? {}]
  return [...new Set([...Object.keys(old), ...Object.keys(now)])].flatMap((status) => {
    const place = { pointer: `${pointer}${pointerOf('responses', status)}`, label: `answer ${status}` }
    const [earlier, later] = [old[status], now[status]]
    if (!later) return [differenceAt(place, 'wire', 'was removed')]
    // A new success is one more shape for a typed client to handle; a new error has the shape of all errors.
    if (!earlier) return [differenceAt(place, status.startsWith('2') ? 'type' : 'addition', 'is new')]
    return [
      ...compareContent([earlier, later], place, 'output', documents),
      ...compareHeaders(earlier, later, place),
    ]
  })
}

/** Compares what an operation takes and answers, without its policies. */
export const compareOperations = (from: Located, to: Located, documents: Documents): Difference[] => [
  ...(from.id === to.id
    ? []
    : [
        {
          kind: 'type' as const,
          sentence: `operation was called ${from.id}`,
          pointer: `${to.pointer}/operationId`,
        },
      ]),
  ...compareParameters(from, to, documents),
  ...compareBody(from.operation, to.operation, to.pointer, documents),
  ...compareResponses(from.operation, to.operation, to.pointer, documents),
]
