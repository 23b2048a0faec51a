import { strict as assert } from 'node:assert'
import {
  type CommonErrorCode,
  commonErrors,
  errorKinds,
  type PortalName,
  type Procedure,
  SignedUrl,
} from '@plinth/contract'
import { z } from 'zod'
import type { RestAnswer, Role, TestServer } from '../test-app.ts'
import { callerRole } from './access.ts'
import { checkAnswer, type Judged } from './answers.ts'
import type { Document } from './document.ts'
import type { Caller, Sample } from './sample.ts'
import { firstOfSocket } from './socket.ts'
import { firstOfStream } from './stream.ts'
import type { HttpRequest, Outcome, Wire } from './wire.ts'

/** A credential that must be refused, and how. */
export interface BadCredential {
  /** What is wrong with it. */
  readonly title: string
  readonly headers: Readonly<Record<string, string>>
  readonly code: CommonErrorCode
  /** The portal that it is good in. */
  readonly portal?: PortalName
}

/** Who calls: one account of each role, and new ones for calls that use theirs up. */
export interface Callers<Who extends Caller> {
  of(role: Role): Promise<Who>
  fresh(role: Role): Promise<Who>
  /** Somebody who is signed in to a portal. */
  inPortal(portal: PortalName): Promise<Who>
  /** The token of somebody of a role that is limited to what anybody may call. */
  limited(role: Role): Promise<string>
  /** One credential for each way to be wrong; those of another audience are only so where somebody must be signed in. */
  bad(): Promise<readonly BadCredential[]>
}

/** What the matrix is run against. */
export interface Target<World, Who extends Caller> {
  readonly server: TestServer
  readonly document: Document
  readonly world: World
  readonly callers: Callers<Who>
  /** Passwords that were given, which must be found nowhere afterwards. */
  readonly secrets: Set<string>
}

/** A procedure over one wire, against one target. */
export interface Subject<World, Who extends Caller> {
  readonly name: string
  readonly procedure: Procedure
  readonly wire: Wire
  readonly sample: Sample<World, Who | null>
  readonly target: Target<World, Who>
}

const Problem = z.looseObject({ code: z.string(), requestId: z.string() })

interface SendOptions {
  readonly token?: string | undefined
  readonly headers?: Readonly<Record<string, string>>
}

/** An outcome with the answer that it was read from. */
export type Answered = Outcome & { readonly answer: RestAnswer }

/** Fetches what a signed address stands for, as whoever got it over tRPC does; an error there is the answer. */
const redeemed = async (
  subject: Judged,
  signed: Answered,
  headers: SendOptions['headers'],
): Promise<Answered> => {
  const { url } = SignedUrl.parse(signed.body)
  const answer = await subject.target.server.rest('GET', url, { ...(headers && { headers }) })
  if (answer.status < 400) return signed
  const problem = Problem.parse(answer.body)
  return {
    ...signed,
    answer,
    status: answer.status,
    code: problem.code,
    requestId: problem.requestId,
    body: problem,
  }
}

/** Sends a request of a subject and answers what came back, held to {@link checkAnswer}. */
export const send = async (
  subject: Judged,
  request: HttpRequest,
  { token, headers }: SendOptions = {},
): Promise<Answered> => {
  const { server } = subject.target
  const options = {
    headers: { ...request.headers, ...headers },
    ...(request.body !== undefined && { body: request.body }),
    ...(token !== undefined && { token }),
  }
  const url = server.url + request.path
  const ask = (): Promise<RestAnswer> => {
    if (request.isStream) return firstOfStream(url, options)
    if (request.isSocket && typeof request.body === 'string') return firstOfSocket(url, request.body, options)
    return server.rest(request.method, request.path, options)
  }
  const answer = await ask()
  const outcome = subject.wire.read(answer)
  checkAnswer(subject, answer, outcome)
  const answered = { ...outcome, answer }
  const isSigned = subject.procedure.kind === 'download' && !subject.wire.route && outcome.code === null
  return isSigned ? redeemed(subject, answered, headers) : answered
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
  { procedure, sample, target }: Pick<Subject<World, Who>, 'procedure' | 'sample' | 'target'>,
  role?: Role,
): Promise<Who | null> => {
  const { access } = procedure
  if (typeof access === 'object' && 'portal' in access) {
    if (role !== undefined) return target.callers.of(role)
    return sample.caller ? sample.caller(target.world, 'user') : target.callers.inPortal(access.portal)
  }
  const who = role ?? callerRole(access)
  if (who === null) return null
  return sample.caller ? sample.caller(target.world, who) : target.callers.of(who)
}
