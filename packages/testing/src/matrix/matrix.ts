import { strict as assert } from 'node:assert'
import { type CommonErrorCode, commonErrors, errorKinds, type Procedure, routesOf } from '@plinth/contract'
import type { RestAnswer, Role, TestServer } from '../test-app.ts'
import { callerRole } from './access.ts'
import type { Document } from './document.ts'
import type { Caller, Sample } from './sample.ts'
import type { HttpRequest, Outcome, Wire } from './wire.ts'

/** Who calls: one account of each role, and new ones for calls that use theirs up. */
export interface Callers<Who extends Caller> {
  of(role: Role): Promise<Who>
  fresh(role: Role): Promise<Who>
  /** Ends the login of a caller. */
  end(caller: Who): Promise<void>
}

/** What the matrix is run against. */
export interface Target<World, Who extends Caller> {
  readonly server: TestServer
  readonly document: Document
  readonly world: World
  readonly callers: Callers<Who>
}

/** A procedure over one wire, against one target. */
export interface Subject<World, Who extends Caller> {
  readonly name: string
  readonly procedure: Procedure
  readonly wire: Wire
  readonly sample: Sample<World, Who | null>
  readonly target: Target<World, Who>
}

// What the transport itself answers over tRPC, whatever the procedure: REST documents these only where they apply.
const TRANSPORT_CODES: ReadonlySet<string> = new Set<CommonErrorCode>([
  'MALFORMED_REQUEST',
  'METHOD_NOT_ALLOWED',
  'ROUTE_NOT_FOUND',
  'TOO_LARGE',
  'UNSUPPORTED_MEDIA_TYPE',
])

const statusOfCommon = (code: string): number | undefined =>
  code in commonErrors ? errorKinds[commonErrors[code as CommonErrorCode].kind].status : undefined

const checkRest = (
  { target }: Pick<Subject<unknown, Caller>, 'target'>,
  wire: Wire,
  answer: RestAnswer,
  outcome: Outcome,
) => {
  const { status, headers, body } = answer
  const type = status < 400 ? 'application/json' : 'application/problem+json'
  assert.equal(headers.get('content-type'), type, 'The content type is not as documented')
  if (wire.route && outcome.code !== 'METHOD_NOT_ALLOWED')
    assert.deepEqual(
      target.document.answerFaults(wire.route, status, body),
      [],
      `The answer ${answer.text} is not as documented`,
    )
}

const checkTrpc = (
  subject: Subject<unknown, Caller>,
  answer: RestAnswer,
  { code, status, body }: Outcome,
) => {
  const { name, procedure, target } = subject
  assert.equal(answer.headers.get('content-type'), 'application/json', 'tRPC answers JSON')
  const [route] = routesOf(name, procedure)
  if (!route) return
  if (code === null) {
    const good = target.document.successStatus(route)
    assert.deepEqual(
      target.document.answerFaults(route, good, body),
      [],
      `The output ${answer.text} is not as documented`,
    )
    return
  }
  const documented = TRANSPORT_CODES.has(code) ? statusOfCommon(code) : target.document.codes(route).get(code)
  assert.equal(status, documented, `The code ${code} with status ${status} is not documented`)
}

/** Holds an answer to what is true of every answer: no 5xx, a request id, the right type, and as the document says. */
const checkAnswer = (subject: Subject<unknown, Caller>, answer: RestAnswer, outcome: Outcome): void => {
  assert.ok(outcome.status < 500 && answer.status < 500, `Answered ${answer.status}: ${answer.text}`)
  const id = answer.headers.get('x-request-id')
  assert.ok(id, 'Every answer has a request id')
  if (outcome.code !== null)
    assert.equal(outcome.requestId, id, 'The error names another request than the header')
  if (subject.wire.route) checkRest(subject, subject.wire, answer, outcome)
  else checkTrpc(subject, answer, outcome)
}

interface SendOptions {
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
}

/** Sends a request of a subject and answers what came back, held to {@link checkAnswer}. */
export const send = async (
  subject: Subject<unknown, Caller>,
  request: HttpRequest,
  { token, headers }: SendOptions = {},
): Promise<Outcome & { readonly answer: RestAnswer }> => {
  const answer = await subject.target.server.rest(request.method, request.path, {
    headers: { ...request.headers, ...headers },
    ...(request.body !== undefined && { body: request.body }),
    ...(token !== undefined && { token }),
  })
  const outcome = subject.wire.read(answer)
  checkAnswer(subject, answer, outcome)
  return { ...outcome, answer }
}

/** Fails unless an outcome is the refusal that was expected. */
export const isRefusal = (
  { code, status }: Outcome,
  expected: { readonly code: string; readonly status: number },
): void => assert.deepEqual({ code, status }, { code: expected.code, status: expected.status })

/** The refusal that a common code stands for. */
export const refusal = (code: CommonErrorCode) => ({
  code,
  status: errorKinds[commonErrors[code].kind].status,
})

/** Who makes a good call of a subject: nobody where anybody may, else the lowest role that may. */
export const callerOf = async <World, Who extends Caller>(
  { procedure, sample, target }: Subject<World, Who>,
  role: Role | null = callerRole(procedure.access),
): Promise<Who | null> => {
  if (role === null) return null
  return sample.caller ? sample.caller(target.world, role) : target.callers.of(role)
}
