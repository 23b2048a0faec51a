import type { Procedure } from '@plinth/contract'
import type { HttpRequest, Wire } from './wire.ts'
import { outcomeOf, type Part, plainWire, requestOf } from './wire-trpc.ts'

const eventsOf = (text: string): { event: string; data: string; id: string | undefined }[] =>
  text.split('\n\n').flatMap((block) => {
    // By line feeds alone: a value may hold other characters that end a line elsewhere.
    const lines = block.split('\n')
    const field = (name: string) =>
      lines
        .find((line) => line.startsWith(`${name}:`))
        ?.slice(name.length + 1)
        .trim()
    const data = field('data')
    return data === undefined ? [] : [{ event: field('event') ?? 'message', data, id: field('id') }]
  })

/** A subscription over tRPC as an event stream: its first value is the answer. */
export const streamWire = (name: string, procedure: Procedure): Wire => {
  const plain = plainWire(name, procedure)
  const asStream = (request: HttpRequest): HttpRequest => ({
    ...request,
    headers: { ...request.headers, accept: 'text/event-stream' },
    isStream: true,
  })
  return {
    ...plain,
    title: 'tRPC stream',
    encode: (input) => asStream(plain.encode(input)),
    raw: (text) => asStream(requestOf(`/trpc/${name}`, false, text)),
    resume(input, lastEventId) {
      const request = asStream(plain.encode(input))
      return { ...request, headers: { ...request.headers, 'last-event-id': lastEventId } }
    },
    read(answer) {
      if (answer.status >= 400) return plain.read(answer)
      const first = eventsOf(answer.text).find(({ event }) => ['message', 'serialized-error'].includes(event))
      if (!first) throw new Error(`The stream holds no value: ${answer.text}`)
      const value: unknown = JSON.parse(first.data)
      if (first.event !== 'message') return outcomeOf({ error: value as Part['error'] })
      return { ...outcomeOf({ result: { data: value } }), eventId: first.id }
    },
  }
}

interface SocketMessage extends Pick<Part, 'error'> {
  readonly result?: { readonly data?: { readonly id?: string; readonly data?: unknown } }
}

/** A subscription over tRPC on a WebSocket: its first value is the answer. */
export const socketWire = (name: string): Wire => {
  const asMessage = (body: string): HttpRequest => ({
    method: 'GET',
    path: '/trpc-ws',
    headers: {},
    body,
    isSocket: true,
  })
  const messageOf = (input: unknown, more: object = {}): string =>
    JSON.stringify({ id: 1, method: 'subscription', params: { path: name, input, ...more } })
  return {
    title: 'tRPC WebSocket',
    route: null,
    hasBody: false,
    inBatch: false,
    isText: false,
    encode: (input) => asMessage(messageOf(input)),
    raw: (text) =>
      asMessage(`{"id":1,"method":"subscription","params":{"path":${JSON.stringify(name)},"input":${text}}}`),
    resume: (input, lastEventId) => asMessage(messageOf(input, { lastEventId })),
    read({ body }) {
      const { result, error } = body as SocketMessage
      if (error) return outcomeOf({ error })
      return { ...outcomeOf({ result: { data: result?.data?.data } }), eventId: result?.data?.id }
    },
  }
}
