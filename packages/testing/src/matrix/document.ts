import type { Route } from '@plinth/contract'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { TestServer } from '../test-app.ts'

interface Answer {
  readonly content?: Readonly<
    Record<string, { readonly schema: unknown; readonly examples?: Readonly<Record<string, unknown>> }>
  >
}

/** An operation as far as the matrix reads it. */
interface DocumentedOperation {
  readonly operationId: string
  readonly parameters?: readonly { readonly name: string; readonly in: string }[]
  readonly requestBody?: Answer
  readonly responses: Readonly<Record<string, Answer>>
}

interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>
}

/** The served OpenAPI document, to hold answers and requests against. */
export interface Document {
  readonly json: OpenApi
  /** Each operation with its route, as `GET` and `/products/{id}`. */
  readonly operations: readonly (DocumentedOperation & Pick<Route, 'method' | 'path'>)[]
  /** What of an answer is not as documented; empty when all is. */
  answerFaults(route: Route, status: number, body: unknown): readonly string[]
  /** Whether a route may answer a status. */
  documents(route: Route, status: number): boolean
  /** The status of the one good answer of a route. */
  successStatus(route: Route): number
  /** Every documented error code of a route with its status. */
  codes(route: Route): ReadonlyMap<string, number>
  /** What of a request's body is not as documented; empty when all is. */
  bodyFaults(route: Route, body: unknown): readonly string[]
}

const METHODS = new Set(['get', 'put', 'post', 'delete', 'patch', 'head', 'options', 'trace'])

const pointer = (...parts: readonly string[]): string =>
  parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join('')

const faultsOf = (validate: ValidateFunction | undefined, value: unknown): readonly string[] => {
  if (!validate || validate(value)) return []
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath || '/'}: ${message}`)
}

const validators = (json: OpenApi) => {
  // Not strict: a document holds keywords of OpenAPI that JSON Schema does not know.
  const ajv = new Ajv2020({ strict: false, allErrors: true })
  addFormats.default(ajv)
  ajv.addSchema(json, 'document')
  return (path: string): ValidateFunction | undefined => ajv.getSchema(`document#${encodeURI(path)}`)
}

const describe = (json: OpenApi): Document => {
  const at = validators(json)
  const operationOf = ({ method, path }: Pick<Route, 'method' | 'path'>) =>
    json.paths[path]?.[method.toLowerCase()]
  const schemaOf = (
    { method, path }: Route,
    content: Answer['content'],
    ...where: readonly string[]
  ): ValidateFunction | undefined => {
    const [type] = Object.keys(content ?? {})
    return type
      ? at(pointer('paths', path, method.toLowerCase(), ...where, 'content', type, 'schema'))
      : undefined
  }
  return {
    json,
    operations: Object.entries(json.paths).flatMap(([path, item]) =>
      Object.entries(item)
        .filter(([method]) => METHODS.has(method))
        .map(([method, operation]) => ({ ...operation, method: method.toUpperCase(), path })),
    ),
    answerFaults(route, status, body) {
      const answer = operationOf(route)?.responses[status]
      if (!answer) return [`${route.method} ${route.path}: the status ${status} is not documented`]
      const validate = schemaOf(route, answer.content, 'responses', String(status))
      return validate ? faultsOf(validate, body) : [`${route.method} ${route.path}: ${status} has no schema`]
    },
    documents: (route, status) => operationOf(route)?.responses[status] !== undefined,
    successStatus(route) {
      const good = Object.keys(operationOf(route)?.responses ?? {}).find((status) => status.startsWith('2'))
      return Number(good)
    },
    codes(route) {
      const answers = Object.entries(operationOf(route)?.responses ?? {})
      return new Map(
        answers.flatMap(([status, answer]) =>
          Object.keys(answer.content?.['application/problem+json']?.examples ?? {}).map(
            (code) => [code, Number(status)] as const,
          ),
        ),
      )
    },
    bodyFaults(route, body) {
      const documented = operationOf(route)?.requestBody
      if (!documented)
        return body === undefined ? [] : [`${route.method} ${route.path}: no body is documented`]
      return faultsOf(schemaOf(route, documented.content, 'requestBody'), body)
    },
  }
}

/** Reads the document that a server serves. */
export const readDocument = async (server: TestServer): Promise<Document> => {
  const { body } = await server.rest('GET', '/openapi.json')
  return describe(body as OpenApi)
}
