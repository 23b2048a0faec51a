import type { PublicEvent } from '@plinth/contract'
import { generateOpenApiDocument } from 'trpc-to-openapi'
import { z } from 'zod'
import { limitOf } from '../policies/rate-limit.ts'
import type { Service } from '../service.ts'
import { commonExamples, policyOf, responsesOf } from './operation.ts'
import { core, documentRouter, type Operation, operationsOf } from './router.ts'
import { webhooksOf } from './webhooks.ts'

type Json = Record<string, unknown>

interface Parameter extends Json {
  name: string
  in: string
}

interface Draft extends Json {
  parameters?: Parameter[]
  requestBody?: { required: boolean; content: Record<string, { schema: Json; example?: unknown }> }
  responses: Record<string, { content?: Record<string, { schema: unknown }> }>
}

const header = (description: string, type: string) => ({ description, schema: { type } })

const PROBLEM = {
  type: 'object',
  description: 'An error (RFC 9457)',
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  properties: {
    type: { type: 'string', description: 'Address of the explanation of this code' },
    title: { type: 'string', description: 'Kind of error' },
    status: { type: 'integer', description: 'HTTP status' },
    detail: { type: 'string', description: 'What happened and what to do' },
    code: { type: 'string', description: 'Code for programs; never changes its meaning' },
    requestId: { type: 'string', description: 'Quote it when you report the error' },
    errors: {
      type: 'array',
      description: 'The fields that were not accepted',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
}

const SIGNATURE =
  'The id of an API key that signs, with X-Plinth-Timestamp (seconds since 1970), X-Plinth-Nonce (16 to 64 letters, digits, _ or -) and X-Plinth-Signature: v1= and the HMAC-SHA-256 in hex, keyed with the secret, of the lines plinth-request-v1, method, path with query, SHA-256 of the body in hex, timestamp, nonce'

const COMPONENT_HEADERS = {
  RequestId: header('Id of the request, for reports and logs', 'string'),
  ETag: header('Name of this answer: sent back as If-None-Match it saves sending the same again', 'string'),
  IdempotencyReplayed: header('true: the answer given before to this Idempotency-Key', 'string'),
  RetryAfter: header('Seconds to wait before the next try', 'integer'),
  RateLimitLimit: header('Requests that may come at once', 'integer'),
  RateLimitRemaining: header('Requests that are left now', 'integer'),
  RateLimitReset: header('Seconds until all of them are there again', 'integer'),
}

const IDEMPOTENCY_KEY = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  description:
    'The same key and request give the answer given before; another request with the key is refused',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
}

const jsonSchema = (schema: z.ZodType): Json => {
  const { $schema, ...rest } = z.toJSONSchema(schema, { io: 'input' })
  return rest
}

/** Gives the filters back what the generator was not shown: operators in brackets. */
const completeParameters = (draft: Draft, { procedure }: Operation): Parameter[] => {
  const input = core(procedure.input)
  const shape: Record<string, z.ZodType> = input instanceof z.ZodObject ? input.shape : {}
  const example = (procedure.example?.input ?? {}) as Json
  return (draft.parameters ?? []).map((parameter) => {
    const field = shape[parameter.name]
    const filter = field !== undefined && core(field) instanceof z.ZodObject
    return {
      ...parameter,
      ...(filter && { schema: jsonSchema(field), style: 'deepObject', explode: true }),
      ...(parameter.name in example && { example: example[parameter.name] }),
    }
  })
}

const completeBody = (draft: Draft, operation: Operation): Draft['requestBody'] => {
  const { procedure, route } = operation
  const { requestBody } = draft
  const [content] = Object.values(requestBody?.content ?? {})
  const properties = content?.schema.properties
  if (!requestBody || !content) return undefined
  if (typeof properties === 'object' && properties !== null && Object.keys(properties).length === 0)
    return undefined
  const example = Object.fromEntries(
    Object.entries((procedure.example?.input ?? {}) as Json).map(([name, value]) => [
      name,
      // A file is bytes, of which only the name can be shown.
      value instanceof File ? value.name : value,
    ]),
  )
  for (const param of route.params) delete example[param]
  const type = procedure.kind === 'upload' ? 'multipart/form-data' : 'application/json'
  return {
    required: requestBody.required,
    content: { [type]: { ...content, ...(procedure.example && { example }) } },
  }
}

const complete = (draft: Draft, operation: Operation, service: Service): Json => {
  const { parameters: _parameters, requestBody: _body, responses, ...rest } = draft
  const body = completeBody(draft, operation)
  const parameters = completeParameters(draft, operation)
  if (operation.procedure.idempotent) parameters.push(IDEMPOTENCY_KEY)
  return {
    ...rest,
    ...policyOf(operation, limitOf(operation.procedure, service.deps.settings.limits)),
    ...(parameters.length > 0 && { parameters }),
    ...(body && { requestBody: body }),
    responses: responsesOf(operation, responses['200']?.content?.['application/json']?.schema),
  }
}

const tagsOf = (operations: readonly Operation[]): Json[] => {
  const modules = Map.groupBy(operations, ({ name }) => name.split('.').slice(0, 2).join('.'))
  return [...modules].map(([name, own]) => {
    const procedures = [...new Set(own.map((operation) => operation.name.slice(name.length + 1)))]
    return { name, description: `In the SDK and over tRPC: \`${name}\` with ${procedures.join(', ')}.` }
  })
}

interface Generated extends Json {
  readonly info: Json
  readonly paths: Record<string, Record<string, Draft>>
  readonly components: Json & { schemas?: Json }
}

const generate = (operations: readonly Operation[], version: string): Generated => {
  // The generator's own type leaves open what it always makes.
  const document: object = generateOpenApiDocument(documentRouter(operations), {
    title: 'Plinth',
    description:
      'One contract for shops, events, learning, lending and insight. Errors are problem JSON (RFC 9457).',
    version,
    baseUrl: '/api/v1',
    securitySchemes: {
      bearer: {
        type: 'http',
        scheme: 'bearer',
        description:
          'An access token of sessions.login; or an API key of apiKeys.create, where its scopes include the operation',
      },
      apiKey: {
        type: 'apiKey',
        in: 'header',
        name: 'X-Api-Key',
        description: 'The secret of an API key, of apiKeys.create',
      },
      signature: {
        type: 'apiKey',
        in: 'header',
        name: 'X-Plinth-Key',
        description: SIGNATURE,
      },
      cookie: {
        type: 'apiKey',
        in: 'cookie',
        name: 'plinth_access',
        description: 'Set by sessions.login for browsers',
      },
    },
  })
  return document as Generated
}

const usedExamples = (paths: Json): Json => {
  const text = JSON.stringify(paths)
  return Object.fromEntries(
    Object.entries(commonExamples()).filter(([code]) => text.includes(`"#/components/examples/${code}"`)),
  )
}

/**
 * The OpenAPI 3.1 document of a service: paths and schemas by trpc-to-openapi, completed with what the contract says
 * of access, errors, limits and examples, and with the events that webhooks carry.
 */
export const openApiDocument = (
  service: Service,
  version: string,
  events: Readonly<Record<string, PublicEvent>> = {},
): Json => {
  const operations = operationsOf(service)
  const document = generate(operations, version)
  const paths: Record<string, Json> = {}
  for (const operation of operations) {
    const { path, method } = operation.route
    const draft = document.paths[path]?.[method.toLowerCase()]
    if (!draft) throw new Error(`The generator left out ${operation.id}`)
    paths[path] = { ...paths[path], [method.toLowerCase()]: complete(draft, operation, service) }
  }
  const { schemas } = document.components
  return {
    ...document,
    info: { ...document.info, license: { name: 'MIT', identifier: 'MIT' } },
    servers: [
      { url: '/api/v1', description: 'This server' },
      { url: '/api', description: 'The same under the short prefix' },
    ],
    tags: tagsOf(operations),
    paths,
    ...(Object.keys(events).length > 0 && { webhooks: webhooksOf(events) }),
    components: {
      ...document.components,
      examples: usedExamples(paths),
      headers: COMPONENT_HEADERS,
      schemas: { ...schemas, Problem: PROBLEM },
    },
  }
}
