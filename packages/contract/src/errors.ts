/** What went wrong, in kinds that own an HTTP status. Every error code belongs to exactly one kind. */
export const errorKinds = {
  malformed: { status: 400, title: 'Malformed request' },
  unauthenticated: { status: 401, title: 'Not signed in' },
  forbidden: { status: 403, title: 'Not allowed' },
  'not-found': { status: 404, title: 'Not found' },
  method: { status: 405, title: 'Method not allowed' },
  conflict: { status: 409, title: 'Conflict' },
  gone: { status: 410, title: 'Gone' },
  'too-large': { status: 413, title: 'Too large' },
  unsupported: { status: 415, title: 'Unsupported media type' },
  invalid: { status: 422, title: 'Invalid input' },
  limited: { status: 429, title: 'Too many requests' },
  internal: { status: 500, title: 'Internal error' },
  unavailable: { status: 503, title: 'Unavailable' },
} as const

/** The name of a kind of error; see {@link errorKinds}. */
export type ErrorKind = keyof typeof errorKinds

/** One declared error: its kind, and the sentence a person reads (what happened and what to do). */
export interface ErrorSpec {
  readonly kind: ErrorKind
  readonly message: string
}

/** The errors of a procedure by code. Codes are UPPER_SNAKE_CASE and are part of the public contract. */
export type Errors = Readonly<Record<string, ErrorSpec>>

const kind =
  <const K extends ErrorKind>(name: K) =>
  (message: string): { readonly kind: K; readonly message: string } => ({ kind: name, message })

/** Declares an error that is answered 401. */
export const unauthenticated = kind('unauthenticated')
/** Declares an error that is answered 403. */
export const forbidden = kind('forbidden')
/** Declares an error that is answered 404. */
export const notFound = kind('not-found')
/** Declares an error that is answered 409. */
export const conflict = kind('conflict')
/** Declares an error that is answered 410. */
export const gone = kind('gone')
/** Declares an error that is answered 422. */
export const invalid = kind('invalid')
/** Declares an error that is answered 429. */
export const limited = kind('limited')

/** Errors that any procedure may answer; they are not declared again per procedure. */
export const commonErrors = {
  MALFORMED_REQUEST: {
    kind: 'malformed',
    message: 'The request is not well-formed: check that the body is valid JSON.',
  },
  UNSUPPORTED_MEDIA_TYPE: {
    kind: 'unsupported',
    message:
      'This content type is not accepted: send application/json, or a file of a type that errors names.',
  },
  INVALID_INPUT: { kind: 'invalid', message: 'Some fields are not valid: see errors for each of them.' },
  VALUE_TAKEN: { kind: 'conflict', message: 'Another record already has this value: choose another one.' },
  REFERENCE_UNKNOWN: {
    kind: 'conflict',
    message: 'A record that this one refers to does not exist, or is still in use.',
  },
  NOT_SIGNED_IN: {
    kind: 'unauthenticated',
    message: 'Sign in first: send a bearer token or the session cookie.',
  },
  TOKEN_MALFORMED: {
    kind: 'unauthenticated',
    message: 'The token is damaged or not one of ours: sign in again.',
  },
  TOKEN_WRONG_TYPE: {
    kind: 'unauthenticated',
    message:
      'This token is of another type: call with an access token or an API key, refresh with a refresh token.',
  },
  TOKEN_WRONG_AUDIENCE: {
    kind: 'unauthenticated',
    message: 'This token is for another portal: sign in to this one.',
  },
  TOKEN_UNKNOWN: { kind: 'unauthenticated', message: 'The token is not known: sign in again.' },
  TOKEN_EXPIRED: { kind: 'unauthenticated', message: 'The token has expired: refresh it or sign in again.' },
  TOKEN_REVOKED: { kind: 'unauthenticated', message: 'This login was ended: sign in again.' },
  KEY_UNKNOWN: {
    kind: 'unauthenticated',
    message: 'This API key is not known: check that it was copied whole, or create a new one.',
  },
  KEY_EXPIRED: { kind: 'unauthenticated', message: 'This API key has expired: ask its owner for a new one.' },
  KEY_REVOKED: {
    kind: 'unauthenticated',
    message: 'This API key was revoked: ask its owner for another one.',
  },
  KEY_REPLACED: {
    kind: 'unauthenticated',
    message: 'This secret of the API key was replaced by a newer one: use that one.',
  },
  KEY_OWNER_INACTIVE: {
    kind: 'unauthenticated',
    message: 'The account of this API key may not be used: ask its owner to have it enabled.',
  },
  SIGNATURE_MISSING: {
    kind: 'unauthenticated',
    message:
      'This API key signs its requests: send X-Plinth-Key, X-Plinth-Timestamp, X-Plinth-Nonce and X-Plinth-Signature.',
  },
  SIGNATURE_UNEXPECTED: {
    kind: 'unauthenticated',
    message: 'This API key does not sign its requests: send its secret as a bearer token.',
  },
  SIGNATURE_INVALID: {
    kind: 'unauthenticated',
    message:
      'The signature is not that of this request: sign method, path, body, timestamp and nonce as sent.',
  },
  SIGNATURE_EXPIRED: {
    kind: 'unauthenticated',
    message: 'The timestamp of the signature is too old or too far ahead: set the clock and sign anew.',
  },
  SIGNATURE_UNSUPPORTED: {
    kind: 'unauthenticated',
    message: 'Uploads and WebSockets can not be signed: use an API key that does not sign its requests.',
  },
  NONCE_USED: {
    kind: 'unauthenticated',
    message:
      'The nonce of this signature was used before: sign each request, also a repeated one, with a new one.',
  },
  FORBIDDEN: {
    kind: 'forbidden',
    message: 'Your account may not do this: ask an administrator for the permission.',
  },
  SCOPE_MISSING: {
    kind: 'forbidden',
    message: 'This credential is limited to other operations: use one whose scopes include this one.',
  },
  FRESH_SIGN_IN_NEEDED: {
    kind: 'forbidden',
    message: 'This needs a recent proof of who you are: prove it at /auth/prove, then try again.',
  },
  EMAIL_NOT_VERIFIED: {
    kind: 'forbidden',
    message:
      'This needs a verified email address: open the link that was mailed to you, or ask for a new mail.',
  },
  ORIGIN_NOT_ALLOWED: {
    kind: 'forbidden',
    message: 'Requests with cookies are not accepted from this origin.',
  },
  ADDRESS_BLOCKED: {
    kind: 'forbidden',
    message: 'This address may not call this: ask an administrator to let it in.',
  },
  ADDRESS_BANNED: {
    kind: 'limited',
    message: 'This address is banned for a while: wait for the seconds in Retry-After.',
  },
  BOT_REFUSED: {
    kind: 'forbidden',
    message: 'This server does not answer automated clients of this kind: ask an administrator.',
  },
  NOT_FOUND: { kind: 'not-found', message: 'There is nothing with this id, or it is not yours.' },
  ROUTE_NOT_FOUND: {
    kind: 'not-found',
    message: 'There is no such route: see /openapi.json for those that exist.',
  },
  METHOD_NOT_ALLOWED: {
    kind: 'method',
    message: 'This route does not answer this method: see the Allow header.',
  },
  TOO_LARGE: { kind: 'too-large', message: 'The request body is larger than this server accepts.' },
  TOO_MANY_REQUESTS: { kind: 'limited', message: 'Too many requests: wait for the seconds in Retry-After.' },
  IDEMPOTENCY_KEY_INVALID: {
    kind: 'invalid',
    message: 'Idempotency-Key must be 1 to 255 visible ASCII characters.',
  },
  IDEMPOTENCY_KEY_REUSED: {
    kind: 'invalid',
    message: 'This Idempotency-Key was used with another request: use a new key.',
  },
  IDEMPOTENCY_IN_PROGRESS: {
    kind: 'conflict',
    message: 'A request with this Idempotency-Key is still running: retry soon.',
  },
  INTERNAL: {
    kind: 'internal',
    message: 'Something failed on our side: quote the request id when you report it.',
  },
  OVERLOADED: {
    kind: 'unavailable',
    message: 'The server is at its limit: retry after the seconds in Retry-After.',
  },
  UNAVAILABLE: {
    kind: 'unavailable',
    message: 'A part this needs does not answer: retry after the seconds in Retry-After.',
  },
} as const satisfies Errors

/** The code of an error that any procedure may answer; see {@link commonErrors}. */
export type CommonErrorCode = keyof typeof commonErrors

/** One field that was not accepted: its path from the root of the input (dots and indexes), and why. */
export interface FieldError {
  readonly path: string
  readonly message: string
}

/** What every error carries: over tRPC under `error.data`, over REST beside the RFC 9457 members. */
export interface ErrorData<Code extends string = string> {
  readonly code: Code
  readonly httpStatus: number
  readonly requestId: string
  readonly path?: string | undefined
  readonly errors?: readonly FieldError[] | undefined
}

/** The error shape over tRPC: message, JSON-RPC number, and {@link ErrorData}. */
export interface ErrorShape {
  message: string
  code: number
  data: ErrorData
}

/** The error shape over REST: problem JSON of RFC 9457 with our members. */
export interface Problem {
  readonly type: string
  readonly title: string
  readonly status: number
  readonly detail: string
  readonly code: string
  readonly requestId: string
  readonly errors?: readonly FieldError[]
}
