import type { Route } from '@plinth/contract'
import type { RestAnswer } from '../test-app.ts'

/** One HTTP request, ready to be sent. */
export interface HttpRequest {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | FormData
  /** Whether the answer is a stream, of which the first value is enough. */
  readonly isStream?: true
  /** Whether the body is a message over WebSocket, of whose answers the first is enough. */
  readonly isSocket?: true
}

/** What came back, whatever wire it came over. */
export interface Outcome {
  readonly status: number
  /** The status of a good answer over this wire. */
  readonly expected: number
  /** The error code; null for a good answer. */
  readonly code: string | null
  readonly requestId: unknown
  /** Where input was refused: the paths of the fields. */
  readonly fields: readonly string[]
  /** The output of a good answer, or the error as it was sent. */
  readonly body: unknown
  /** Of a stream: what its first value is called, for who comes back to go on after it. */
  readonly eventId?: string | undefined
}

/** One way to call one procedure: a REST route, or tRPC alone or in a batch. */
export interface Wire {
  readonly title: string
  /** The REST route, or null for tRPC. */
  readonly route: Route | null
  /** Whether the input travels in a body. */
  readonly hasBody: boolean
  /** Whether the call travels with others. */
  readonly inBatch: boolean
  /** Whether the input travels as text, so that types are told by the schema alone. */
  readonly isText: boolean
  encode(input: unknown): HttpRequest
  /** The request with this text in place of its JSON; null where the input is not sent as JSON. */
  raw(text: string, input: unknown): HttpRequest | null
  read(answer: RestAnswer): Outcome
  /** Of a stream: the request of who has seen the values up to this one. */
  resume?(input: unknown, lastEventId: string): HttpRequest
}

/** Tells an object from everything else, arrays too. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Blob)

const formValues = (value: unknown): (string | Blob)[] => {
  if (Array.isArray(value)) return value.flatMap(formValues)
  if (value instanceof Blob || typeof value === 'string') return [value]
  return value === undefined ? [] : [JSON.stringify(value)]
}

/** An input as a form carries it: files as they are, text as text, all else as JSON. */
export const formOf = (input: unknown): FormData => {
  const form = new FormData()
  const fields = isRecord(input) ? Object.entries(input) : []
  for (const [key, value] of fields) for (const one of formValues(value)) form.append(key, one)
  return form
}

/** The fields that a refused input was refused for. */
export const fieldsRefused = (errors: unknown): readonly string[] =>
  Array.isArray(errors) ? errors.map((error) => (isRecord(error) ? String(error.path) : '')) : []
