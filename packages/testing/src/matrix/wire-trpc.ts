import type { Procedure } from '@plinth/contract'
import { fieldsRefused, formOf, type HttpRequest, type Outcome, type Wire } from './wire.ts'

// Another call of the same batch, which fails: it must not touch the one that is looked at.
const COMPANION = 'nowhere.atAll'

/** One answer over tRPC, of several where they travel together. */
export interface Part {
  readonly result?: { readonly data?: unknown }
  readonly error?:
    | {
        readonly data?: { code?: unknown; httpStatus?: unknown; requestId?: unknown; errors?: unknown }
      }
    | undefined
}

/** What one answer over tRPC means. */
export const outcomeOf = ({ result, error }: Part): Outcome => {
  if (!error)
    return { status: 200, expected: 200, code: null, requestId: undefined, fields: [], body: result?.data }
  const { code, httpStatus, requestId, errors } = error.data ?? {}
  return {
    status: Number(httpStatus),
    expected: 200,
    code: String(code),
    requestId,
    fields: fieldsRefused(errors),
    body: error,
  }
}

const isWrite = ({ kind }: Procedure): boolean => kind === 'mutation' || kind === 'upload'

/** A call over HTTP whose input is this text. */
export const requestOf = (path: string, write: boolean, text: string | undefined): HttpRequest => {
  if (text === undefined) return { method: write ? 'POST' : 'GET', path, headers: {} }
  if (write) return { method: 'POST', path, headers: { 'content-type': 'application/json' }, body: text }
  return {
    method: 'GET',
    path: `${path}${path.includes('?') ? '&' : '?'}input=${encodeURIComponent(text)}`,
    headers: {},
  }
}

interface Form extends Pick<Wire, 'title' | 'inBatch' | 'read'> {
  readonly path: string
  wrap(input: unknown): unknown
}

const trpcWire = (procedure: Procedure, { title, inBatch, path, wrap, read }: Form): Wire => {
  const write = isWrite(procedure)
  const isForm = procedure.kind === 'upload'
  return {
    title,
    route: null,
    hasBody: write,
    inBatch,
    isText: isForm,
    encode: (input) =>
      isForm
        ? { method: 'POST', path, headers: {}, body: formOf(input) }
        : requestOf(path, write, JSON.stringify(wrap(input))),
    raw: (text) => requestOf(path, write, text),
    read,
  }
}

/** A call over tRPC by itself. */
export const plainWire = (name: string, procedure: Procedure): Wire =>
  trpcWire(procedure, {
    title: 'tRPC',
    inBatch: false,
    path: `/trpc/${name}`,
    wrap: (input) => input,
    read(answer) {
      const outcome = outcomeOf(answer.body as Part)
      if (answer.status !== outcome.status)
        throw new Error(`Answered ${answer.status}, but its body says ${outcome.status}`)
      return outcome
    },
  })

/** A call over tRPC in a batch, beside another that fails. */
export const batchWire = (name: string, procedure: Procedure): Wire =>
  trpcWire(procedure, {
    title: 'tRPC batch',
    inBatch: true,
    path: `/trpc/${COMPANION},${name}?batch=1`,
    wrap: (input) => ({ 1: input }),
    read({ status, body }) {
      const [companion, own] = (body as readonly Part[]).map(outcomeOf)
      if (!own || companion?.code !== 'ROUTE_NOT_FOUND')
        throw new Error('A batch of two has two answers of its own')
      const whole = own.status === companion.status ? own.status : 207
      if (status !== whole) throw new Error(`The batch answered ${status}, but its parts make it ${whole}`)
      return own
    },
  })
