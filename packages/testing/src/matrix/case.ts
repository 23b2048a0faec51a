import { strict as assert } from 'node:assert'
import { fieldsOf, type Procedure, routesOf, shapeOf } from '@plinth/contract'
import type { TestServer } from '../test-app.ts'
import { callerOf, isRefusal, refusal, type Subject, send } from './matrix.ts'
import type { Caller } from './sample.ts'
import { type HttpRequest, isRecord } from './wire.ts'

/** One thing that must hold for a procedure over one wire. */
export interface Case {
  readonly title: string
  /** Whether it says anything of this procedure over this wire. */
  applies?(subject: Pick<Subject<unknown, Caller>, 'procedure' | 'wire' | 'sample' | 'name'>): boolean
  run<World, Who extends Caller>(subject: Subject<World, Who>): Promise<void>
}

/** Whether anybody may call. */
export const isPublic = ({ access }: Procedure): boolean => access === 'public'
/** Whether it changes something. */
export const writes = ({ kind }: Procedure): boolean => kind === 'mutation' || kind === 'upload'

/** The names of the fields that hold a password. */
export const secretFields = ({ input }: Procedure): readonly string[] =>
  Object.entries(shapeOf(input)).flatMap(([name, field]) =>
    field.meta()?.format === 'password' ? [name] : [],
  )

const makeGood = async <World, Who extends Caller>(subject: Subject<World, Who>) => {
  const caller = await callerOf(subject)
  const input: unknown = await subject.sample.input(subject.target.world, caller)
  for (const field of secretFields(subject.procedure))
    if (isRecord(input)) subject.target.secrets.add(String(input[field]))
  return { input, caller, token: caller?.accessToken }
}

/** A good input of its own, with who may give it. */
export const good = async <World, Who extends Caller>(subject: Subject<World, Who>) => {
  const made = await makeGood(subject)
  return { ...made, request: subject.wire.encode(made.input) }
}

type Good = ReturnType<typeof makeGood<unknown, Caller>>

const keptInputs = new WeakMap<object, Map<string, Good>>()

/** A good input for calls that are refused: as they use nothing up, one is enough for all of them. */
export const kept = async <World, Who extends Caller>(subject: Subject<World, Who>) => {
  const inputs = keptInputs.get(subject.target) ?? new Map<string, Good>()
  keptInputs.set(subject.target, inputs)
  const made: Good = inputs.get(subject.name) ?? makeGood(subject)
  inputs.set(subject.name, made)
  const { input, token } = await made
  return { input, token, request: subject.wire.encode(input) }
}

/** Sends a request that must be refused with one of the common codes. */
export const refused = async <World, Who extends Caller>(
  subject: Subject<World, Who>,
  request: HttpRequest | null,
  token: string | undefined,
  code: Parameters<typeof refusal>[0],
) => {
  assert.ok(request)
  const outcome = await send(subject, request, { token })
  isRefusal(outcome, refusal(code))
  return outcome
}

/** The audit entries of one request. */
export const auditEntriesOf = ({ db }: TestServer, requestId: string) =>
  db.read
    .selectFrom('audit_log')
    .select(['action', 'actor_id', 'outcome', 'code', 'target', 'address'])
    .where('request_id', '=', requestId)
    .execute()

let requests = 0

/** A request id that no other request has. */
export const newRequestId = (): string => {
  requests += 1
  return `matrix-request-${requests}`
}

/** The names of what stands in the path of a procedure's route, or names a record where there is no route. */
export const paramsOf = (name: string, procedure: Procedure): readonly string[] =>
  routesOf(name, procedure)[0]?.params ?? fieldsOf(procedure).filter((field) => field === 'id')
