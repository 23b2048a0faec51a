/** A schema of OpenAPI 3.1, which is JSON Schema: the keywords that the comparison understands. */
export type Schema = {
  $ref?: string
  type?: string | readonly string[]
  enum?: readonly unknown[]
  const?: unknown
  format?: string
  pattern?: string
  properties?: Readonly<Record<string, Schema>>
  required?: readonly string[]
  additionalProperties?: boolean | Schema
  items?: Schema
  anyOf?: readonly Schema[]
  oneOf?: readonly Schema[]
  allOf?: readonly Schema[]
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
  minItems?: number
  maxItems?: number
  multipleOf?: number
  uniqueItems?: boolean
}

type Content = Readonly<Record<string, { schema?: Schema }>>

/** A parameter of an operation: a value in its path, query, headers or cookies. */
export type Parameter = { name: string; in: string; required?: boolean; schema?: Schema }

/** One answer of an operation. */
export type Response = { content?: Content; headers?: Readonly<Record<string, unknown>> }

/** What a caller must hold: each entry is one way in, all of its schemes together. */
export type Security = readonly Readonly<Record<string, readonly string[]>>[]

/** An operation with the policy that Plinth writes beside it. */
export type Operation = {
  operationId?: string
  deprecated?: boolean
  security?: Security
  parameters?: readonly Parameter[]
  requestBody?: { required?: boolean; content?: Content }
  responses?: Readonly<Record<string, Response>>
  'x-plinth-access'?: unknown
  'x-plinth-scope'?: string | null
  'x-plinth-fresh'?: boolean
  'x-plinth-verified'?: boolean
  'x-plinth-limit'?: { perMinute?: number; burst?: number; group?: string }
  'x-plinth-idempotent'?: boolean
  'x-plinth-cache'?: unknown
}

/** The parts of an OpenAPI 3.1 document that a caller can come to depend on. */
export type OpenApi = {
  paths?: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  components?: { schemas?: Readonly<Record<string, Schema>> }
  security?: Security
}

/** An operation with the place that it has in its document. */
export type Located = { id: string; method: string; path: string; pointer: string; operation: Operation }

const methods = ['get', 'put', 'post', 'delete', 'patch', 'options', 'head', 'trace']

/** Joins parts to a JSON pointer, escaping what the pointer syntax reserves. */
export const pointerOf = (...parts: readonly string[]): string =>
  parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

/** All operations by method and path; a path parameter's name is no part of its address. */
export const operationsOf = (document: OpenApi): Map<string, Located> => {
  const entries = Object.entries(document.paths ?? {}).flatMap(([path, item]) =>
    Object.entries(item)
      .filter(([method]) => methods.includes(method))
      .map(([method, operation]): [string, Located] => [
        `${method} ${path.replace(/\{[^}]*\}/g, '{}')}`,
        {
          id: operation.operationId ?? `${method} ${path}`,
          method,
          path,
          pointer: pointerOf('paths', path, method),
          operation,
        },
      ]),
  )
  return new Map(entries)
}

/** A schema's component name, when it is a reference to one. */
export const refName = (schema: Schema): string | undefined => schema.$ref?.split('/').at(-1)

const mergeAll = (document: OpenApi, { allOf = [], ...own }: Schema, passed: ReadonlySet<string>): Schema => {
  const parts = [own, ...allOf.map((part) => resolve(document, part, passed))]
  const properties: Record<string, Schema> = {}
  const merged: Schema = {}
  for (const part of parts) {
    Object.assign(properties, part.properties)
    Object.assign(merged, part)
  }
  return { ...merged, properties, required: [...new Set(parts.flatMap(({ required }) => required ?? []))] }
}

/** Follows references and folds `allOf` into one schema; what is missing or leads back to itself allows anything. */
export const resolve = (
  document: OpenApi,
  schema: Schema,
  passed: ReadonlySet<string> = new Set<string>(),
): Schema => {
  const name = refName(schema)
  if (name === undefined) return schema.allOf ? mergeAll(document, schema, passed) : schema
  const target = document.components?.schemas?.[name]
  if (target === undefined || passed.has(name)) return {}
  return resolve(document, target, new Set([...passed, name]))
}
