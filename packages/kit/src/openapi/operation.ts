import {
  type Access,
  commonErrors,
  type ErrorSpec,
  errorKinds,
  type Procedure,
  scopeOf,
  successStatus,
} from '@plinth/contract'
import type { LimitRule } from '../ports.ts'
import type { Operation } from './router.ts'

type Json = Readonly<Record<string, unknown>>

const accessText = (access: Access): string => {
  if (access === 'public') return 'Anybody may call it.'
  if (access === 'user') return 'Anybody who is signed in may call it.'
  if (typeof access === 'string') return `Needs the permission \`${access}\`.`
  if ('own' in access) return `Answers what is the caller's own; everybody's to holders of \`${access.own}\`.`
  return `For principals of the portal \`${access.portal}\` only.`
}

const COMMON_FOR_ALL = ['TOO_MANY_REQUESTS', 'INTERNAL', 'OVERLOADED', 'UNAVAILABLE'] as const
const COMMON_FOR_TOKENS = [
  'TOKEN_MALFORMED',
  'TOKEN_WRONG_TYPE',
  'TOKEN_WRONG_AUDIENCE',
  'TOKEN_UNKNOWN',
  'TOKEN_EXPIRED',
  'TOKEN_REVOKED',
] as const
const COMMON_FOR_API_KEYS = [
  'KEY_UNKNOWN',
  'KEY_EXPIRED',
  'KEY_REVOKED',
  'KEY_REPLACED',
  'KEY_OWNER_INACTIVE',
  'SIGNATURE_MISSING',
  'SIGNATURE_UNEXPECTED',
  'SIGNATURE_INVALID',
  'SIGNATURE_EXPIRED',
  'NONCE_USED',
] as const
const COMMON_FOR_BODIES = ['MALFORMED_REQUEST', 'UNSUPPORTED_MEDIA_TYPE', 'TOO_LARGE'] as const
const COMMON_FOR_WRITES = ['VALUE_TAKEN', 'REFERENCE_UNKNOWN', 'ORIGIN_NOT_ALLOWED'] as const
const COMMON_FOR_KEYS = [
  'IDEMPOTENCY_KEY_INVALID',
  'IDEMPOTENCY_KEY_REUSED',
  'IDEMPOTENCY_IN_PROGRESS',
] as const

/** Every error that an operation may answer, by code. */
const errorsOf = ({ procedure, route }: Pick<Operation, 'procedure' | 'route'>): Map<string, ErrorSpec> => {
  const writes = procedure.kind === 'mutation' || procedure.kind === 'upload'
  const hasBody = route.method !== 'GET' && route.method !== 'DELETE'
  const { access, fresh, verified } = procedure
  const codes: (keyof typeof commonErrors)[] = [
    'INVALID_INPUT',
    'NOT_FOUND',
    ...COMMON_FOR_TOKENS,
    ...COMMON_FOR_API_KEYS,
    ...COMMON_FOR_ALL,
    ...(procedure.kind === 'upload' ? (['SIGNATURE_UNSUPPORTED'] as const) : []),
    ...(access === 'public' ? [] : (['NOT_SIGNED_IN', 'SCOPE_MISSING'] as const)),
    ...(fresh ? (['FRESH_SIGN_IN_NEEDED'] as const) : []),
    ...(verified ? (['EMAIL_NOT_VERIFIED'] as const) : []),
    ...(typeof access === 'string' && access.includes(':') ? (['FORBIDDEN'] as const) : []),
    ...(hasBody ? COMMON_FOR_BODIES : []),
    ...(writes ? COMMON_FOR_WRITES : []),
    ...(procedure.idempotent ? COMMON_FOR_KEYS : []),
  ]
  return new Map<string, ErrorSpec>([
    ...codes.map((code) => [code, commonErrors[code]] as const),
    ...Object.entries(procedure.errors),
  ])
}

const problemOf = (code: string, { kind, message }: ErrorSpec): Json => ({
  type: `/docs/errors#${code}`,
  title: errorKinds[kind].title,
  status: errorKinds[kind].status,
  detail: message,
  code,
  requestId: '6d9e7c1a-3f52-4f0b-9a55-0c8f6e2d1b47',
})

const common: Readonly<Record<string, ErrorSpec>> = commonErrors

/** The examples of errors that any operation may answer, for the components of the document. */
export const commonExamples = (): Json =>
  Object.fromEntries(Object.entries(common).map(([code, spec]) => [code, { value: problemOf(code, spec) }]))

const exampleOf = (code: string, spec: ErrorSpec): Json =>
  common[code] === spec ? { $ref: `#/components/examples/${code}` } : { value: problemOf(code, spec) }

const errorResponses = (operation: Operation): Json => {
  const byStatus = Map.groupBy(errorsOf(operation), ([, spec]) => errorKinds[spec.kind].status)
  return Object.fromEntries(
    [...byStatus].map(([status, errors]) => [
      status,
      {
        description: errors.map(([code]) => code).join(', '),
        ...(status === 429 || status === 503
          ? { headers: { 'Retry-After': { $ref: '#/components/headers/RetryAfter' } } }
          : {}),
        content: {
          'application/problem+json': {
            schema: {
              allOf: [
                { $ref: '#/components/schemas/Problem' },
                { type: 'object', properties: { code: { enum: errors.map(([code]) => code) } } },
              ],
            },
            examples: Object.fromEntries(errors.map(([code, spec]) => [code, exampleOf(code, spec)])),
          },
        },
      },
    ]),
  )
}

const security = ({ access, kind }: Procedure, scope: string | null): Json[] => {
  const signedIn = [{ bearer: [] }, { cookie: [] }]
  if (access === 'public') return [{}, ...signedIn]
  if (scope === null) return signedIn
  return [...signedIn, { apiKey: [] }, ...(kind === 'upload' ? [] : [{ signature: [] }])]
}

const demandsOf = ({ access, fresh, verified }: Procedure, scope: string | null): string[] => {
  if (access === 'public') return []
  return [
    scope === null
      ? 'Not for API keys and other limited credentials.'
      : `Limited credentials need the scope \`${scope}\`.`,
    ...(fresh ? ['Needs a recent proof of identity.'] : []),
    ...(verified ? ['Needs a verified email address.'] : []),
  ]
}

/** The parts of an operation that the kit knows and the generator does not: policy, errors, examples. */
export const policyOf = (operation: Operation, limit: LimitRule & { group: string }): Json => {
  const { procedure, name } = operation
  const { access, cache } = procedure
  const scope = scopeOf(name, procedure)
  const lag = procedure.mayLag && 'The answer may be some seconds old.'
  const told = [procedure.deprecated, accessText(access), ...demandsOf(procedure, scope), lag]
  return {
    description: told.filter(Boolean).join(' '),
    security: security(procedure, scope),
    'x-plinth-procedure': name,
    'x-plinth-access': access,
    // Null: no limited credential will do. What anybody may call asks for no scope.
    ...(access !== 'public' && { 'x-plinth-scope': scope }),
    ...(procedure.fresh && { 'x-plinth-fresh': true }),
    ...(procedure.verified && { 'x-plinth-verified': true }),
    'x-plinth-limit': limit,
    'x-plinth-idempotent': procedure.idempotent,
    ...(cache && { 'x-plinth-cache': { seconds: cache.seconds, tags: cache.tags } }),
  }
}

const ANSWER_HEADERS = {
  'X-Request-Id': { $ref: '#/components/headers/RequestId' },
  'RateLimit-Limit': { $ref: '#/components/headers/RateLimitLimit' },
  'RateLimit-Remaining': { $ref: '#/components/headers/RateLimitRemaining' },
  'RateLimit-Reset': { $ref: '#/components/headers/RateLimitReset' },
}
const KEPT_HEADERS = { ETag: { $ref: '#/components/headers/ETag' } }
const REPLAY_HEADERS = { 'Idempotency-Replayed': { $ref: '#/components/headers/IdempotencyReplayed' } }
const NOT_MODIFIED = {
  description: 'The answer is still the one that If-None-Match names',
  headers: { 'X-Request-Id': ANSWER_HEADERS['X-Request-Id'], ...KEPT_HEADERS },
}

/** The answers of an operation: the good one with its example, and every error by status. */
export const responsesOf = (operation: Operation, schema: unknown): Json => {
  const { procedure } = operation
  const isFile = procedure.kind === 'download'
  const isKept = operation.route.method === 'GET' && !isFile
  const good = isFile
    ? { 'application/octet-stream': { schema: { type: 'string', format: 'binary' } } }
    : { 'application/json': { schema, ...(procedure.example && { example: procedure.example.output }) } }
  return {
    [successStatus(operation.name)]: {
      description: isFile ? 'The file' : 'What was asked for',
      headers: {
        ...ANSWER_HEADERS,
        ...(isKept && KEPT_HEADERS),
        ...(procedure.idempotent && REPLAY_HEADERS),
      },
      content: good,
    },
    ...(isKept && { 304: NOT_MODIFIED }),
    ...errorResponses(operation),
  }
}
