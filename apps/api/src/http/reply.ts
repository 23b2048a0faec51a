import type { IncomingMessage, ServerResponse } from 'node:http'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'

/** Headers by lower-case name; a list where one is sent several times. */
export type HeaderRecord = Record<string, string | string[]>

/** An answer that is ready to be sent. */
export interface Reply {
  readonly status: number
  readonly headers: HeaderRecord
  readonly body: string | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array> | null
}

/** What keeps count of the bytes of a body that were sent. */
interface Counting {
  sent: number
}

const counted = (body: ReadableStream<Uint8Array>, count: Counting, done = () => {}) =>
  body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(chunk, controller) {
        count.sent += chunk.byteLength
        controller.enqueue(chunk)
      },
      flush: done,
      cancel: done,
    }),
  )

/** The same answer, whose body is counted while it is sent; calls `done` at its end, or when the client hangs up. */
export const countedResponse = (response: Response, count: Counting, done: () => void): Response => {
  if (response.body) return new Response(counted(response.body, count, done), response)
  done()
  return response
}

/** The answer as Hono passes it on. */
export const toResponse = ({ status, headers, body }: Reply): Response => {
  const several = new Headers()
  for (const [name, value] of Object.entries(headers))
    for (const one of [value].flat()) several.append(name, one)
  return new Response(body, { status, headers: several })
}

const LINGER_MS = 500
const LINGER_BYTES = 64 * 1024 * 1024

/**
 * Ends an answer whose request is still being sent. To close at once would make the client's system throw away what
 * it has not read yet, the answer first; so the rest is read and dropped, for a bounded time and amount.
 */
const endLate = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
  let left = LINGER_BYTES
  const end = () => {
    clearTimeout(timer)
    outgoing.end()
  }
  const timer = setTimeout(end, LINGER_MS)
  incoming.once('end', end).once('close', end)
  incoming.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) end()
  })
}

/** Whether nobody is there any more to take an answer. */
export const isGone = ({ destroyed, req }: ServerResponse): boolean => destroyed || req.socket.destroyed

/** Drops a client that takes nothing of its answer for so long; while there is nothing to take, it may wait. */
export const dropWhenStuck = (outgoing: ServerResponse, idleMs: number): void => {
  outgoing.setTimeout(idleMs, () => {
    if (outgoing.writableLength > 0) outgoing.destroy()
  })
}

/** Waits until the system has all of an answer, or nobody takes it any more. */
export const taken = (outgoing: ServerResponse): Promise<void> | void => {
  if (outgoing.writableFinished || isGone(outgoing)) return
  const { socket } = outgoing.req
  return new Promise((resolve) => {
    const end = () => {
      socket.off('close', end)
      resolve()
    }
    outgoing.once('finish', end).once('close', end)
    // An answer that waits for the one before it on the same connection has no connection to be told by.
    socket.once('close', end)
  })
}

// Less than this the system takes at once from a client that reads.
const TAKEN_BYTES = 64 * 1024

const writeLate = (outgoing: ServerResponse, body: string | Uint8Array): void => {
  outgoing.write(body)
  endLate(outgoing.req, outgoing)
}

/** Ends an answer with its body; a large one when the system has it, for a server that stops closes what has ended. */
const endWith = (outgoing: ServerResponse, body: string | Uint8Array, length: number): void => {
  // Text of ASCII alone is the same bytes in both, and goes out without being encoded.
  const encoding = length === body.length ? 'latin1' : 'utf8'
  if (body.length < TAKEN_BYTES) outgoing.end(body, encoding)
  else if (outgoing.write(body, encoding)) outgoing.end()
  else outgoing.once('drain', () => outgoing.end())
}

/**
 * Looks after answers that are small enough to be taken at once, when the turn of the event loop is over: what is still
 * unsent then goes to a client that reads nothing. To listen for the end of each would take as long as to make it.
 */
const createLookOut = (idleMs: number) => {
  let ended: ServerResponse[] = []
  const look = (): void => {
    const those = ended
    ended = []
    for (const one of those) if (!one.writableFinished && !isGone(one)) dropWhenStuck(one, idleMs)
  }
  return (outgoing: ServerResponse): void => {
    if (ended.push(outgoing) === 1) setImmediate(look)
  }
}

/**
 * Prepares writing answers straight to Node's own response: Request and Response objects in between cost as much as a
 * small answer. Resolves when the system has all of it, at once for a small one, or when the client is gone; rejects when
 * that hangs up in the middle of a stream. A client that takes nothing for `idleMs` is dropped.
 */
export const prepareReply = (idleMs: number) => {
  const lookAfter = createLookOut(idleMs)
  return (
    outgoing: ServerResponse,
    { status, headers, body }: Reply,
    count: Counting,
  ): Promise<void> | void => {
    if (body instanceof ReadableStream) {
      if (isGone(outgoing)) return body.cancel()
      outgoing.writeHead(status, headers)
      dropWhenStuck(outgoing, idleMs)
      return pipeline(Readable.fromWeb(counted(body, count)), outgoing)
    }
    if (body === null) {
      outgoing.writeHead(status, headers).end()
      return
    }
    const length = Buffer.byteLength(body)
    headers['content-length'] = String(length)
    // Behind what is unsent, or behind another answer that is not written yet, nothing is taken at once.
    const isTaken = length < TAKEN_BYTES && outgoing.socket?.writableLength === 0
    outgoing.writeHead(status, headers)
    if (outgoing.req.method !== 'HEAD') count.sent = length
    if (headers.connection === 'close' && !outgoing.req.complete) writeLate(outgoing, body)
    else endWith(outgoing, body, length)
    if (isTaken) return lookAfter(outgoing)
    dropWhenStuck(outgoing, idleMs)
    return taken(outgoing)
  }
}
