import { strict as assert } from 'node:assert'
import { type CommonErrorCode, commonErrors, errorKinds, routesOf } from '@plinth/contract'
import type { RestAnswer } from '../test-app.ts'
import { unnamedKeys } from './keys.ts'
import type { Subject } from './matrix.ts'
import type { Caller } from './sample.ts'
import { isRecord, type Outcome } from './wire.ts'

/** What is looked at of a subject to judge an answer. */
export type Judged = Pick<Subject<unknown, Caller>, 'name' | 'procedure' | 'wire' | 'target'>

// What the transport itself answers over tRPC, whatever the procedure: REST documents these only where they apply.
const TRANSPORT_CODES: ReadonlySet<string> = new Set<CommonErrorCode>([
  'MALFORMED_REQUEST',
  'METHOD_NOT_ALLOWED',
  'ROUTE_NOT_FOUND',
  'TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
])

const PROTECTIVE = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'content-security-policy': "default-src 'none'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'",
  'cross-origin-resource-policy': 'same-origin',
}

// Words of the drivers and of stack traces, which no message for a caller holds.
const INTERNALS =
  /SQLITE_|sqlite3?_|syntax error|no such (?:table|column)|pg_|relation "|constraint failed|violates|duplicate key|kysely|node_modules|\.ts:\d+|\bat \w+ \(/i

const statusOfCommon = (code: string): number | undefined =>
  code in commonErrors ? errorKinds[commonErrors[code as CommonErrorCode].kind].status : undefined

/** The output of a good answer matches its schema, and has no key that the schema does not name. */
const checkOutput = ({ procedure, wire }: Judged, { body }: Outcome): void => {
  if (procedure.kind === 'download' && wire.route) return
  // An output is judged as it is sent: JSON, which the schema's input side describes.
  const { error } = procedure.output.safeParse(body)
  assert.deepEqual(error?.issues ?? [], [], 'The output does not match its schema')
  assert.deepEqual(
    unnamedKeys(procedure.output, body),
    [],
    'The output has keys that the contract does not name',
  )
}

const checkFile = (judged: Judged, { headers, status }: RestAnswer): void => {
  const { route } = judged.wire
  assert.match(headers.get('content-disposition') ?? '', /^attachment; filename\*=UTF-8''[\w%.~!'()*-]+$/)
  assert.ok(
    route && judged.target.document.documents(route, status),
    `The status ${status} is not documented`,
  )
}

const checkRest = (judged: Judged, answer: RestAnswer, outcome: Outcome) => {
  const { wire, target, procedure } = judged
  const { status, headers, body } = answer
  if (procedure.kind === 'download' && status < 400) {
    checkFile(judged, answer)
    return
  }
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  assert.equal(headers.get('content-type'), type, 'The content type is not as documented')
  if (wire.route && outcome.code !== 'METHOD_NOT_ALLOWED')
    assert.deepEqual(
      target.document.answerFaults(wire.route, status, body),
      [],
      `The answer ${answer.text} is not as documented`,
    )
}

/** The status that the document or the contract gives a code of a procedure. */
const documentedStatus = ({ name, procedure, target }: Judged, code: string): number | undefined => {
  if (TRANSPORT_CODES.has(code)) return statusOfCommon(code)
  const [route] = routesOf(name, procedure)
  if (route) return target.document.codes(route).get(code)
  const declared = procedure.errors[code]
  return declared ? errorKinds[declared.kind].status : statusOfCommon(code)
}

const checkTrpc = (judged: Judged, answer: RestAnswer, { code, status, body }: Outcome) => {
  const { name, procedure, target, wire } = judged
  const isStream = procedure.kind === 'subscription' && answer.status < 400
  if (answer.headers.get('upgrade') === null)
    assert.equal(
      answer.headers.get('content-type'),
      isStream ? 'text/event-stream' : 'application/json',
      'The content type is not that of tRPC',
    )
  assert.equal(wire.route, null)
  if (code !== null) {
    const documented = documentedStatus(judged, code)
    assert.equal(status, documented, `The code ${code} with status ${status} is not documented`)
    return
  }
  const [route] = routesOf(name, procedure)
  if (!route || procedure.kind === 'download') return
  const good = target.document.successStatus(route)
  const faults = target.document.answerFaults(route, good, body)
  assert.deepEqual(faults, [], `The output ${answer.text} is not as documented`)
}

const messagesOf = (body: unknown): string => {
  if (!isRecord(body)) return ''
  const { detail, message, title, errors, data } = body
  const fields = errors ?? (isRecord(data) ? data.errors : undefined)
  const list: readonly unknown[] = Array.isArray(fields) ? fields : []
  const own = list.map((field) => (isRecord(field) ? field.message : field))
  return [detail, message, title, ...own].join('\n')
}

const checkError = (outcome: Outcome, id: string): void => {
  assert.equal(outcome.requestId, id, 'The error names another request than the header')
  assert.doesNotMatch(messagesOf(outcome.body), INTERNALS, 'The error tells of internals')
}

/**
 * Holds an answer to what is true of every answer: no 5xx, a request id, the right type, protective headers, no key
 * that is not on the contract, no word of the database, and all of it as the document says.
 */
export const checkAnswer = (judged: Judged, answer: RestAnswer, outcome: Outcome): void => {
  assert.ok(outcome.status < 500 && answer.status < 500, `Answered ${answer.status}: ${answer.text}`)
  const { headers } = answer
  const id = headers.get('x-request-id')
  assert.ok(id, 'Every answer has a request id')
  // An upgraded connection has no answer that a page could show.
  const isUpgrade = headers.get('upgrade') === 'websocket'
  const protective = Object.keys(PROTECTIVE).map((name) => [name, headers.get(name)])
  if (!isUpgrade)
    assert.deepEqual(Object.fromEntries(protective), PROTECTIVE, 'A protective header is missing')
  if (outcome.code === null) checkOutput(judged, outcome)
  else checkError(outcome, id)
  if (judged.wire.route) checkRest(judged, answer, outcome)
  else checkTrpc(judged, answer, outcome)
}
