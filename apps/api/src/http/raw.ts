import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { type Failure, toProblem } from '@plinth/kit'
import { protectiveHeaders } from './send.ts'

interface RawAnswer {
  readonly requestId: string
  readonly secure: boolean
  /** Left out: that of the failure. */
  readonly status?: number | undefined
}

/**
 * Answers on a connection that has no response of its own: what is no HTTP request, or an upgrade that is refused. It is
 * the same problem with the same headers as everywhere; the connection is ended.
 */
export const answerRaw = (
  socket: Duplex,
  failure: Failure,
  { requestId, secure, status = failure.status }: RawAnswer,
): void => {
  const title = STATUS_CODES[status] ?? ''
  const body = JSON.stringify({ ...toProblem(failure, requestId), status, title })
  const headers = {
    ...protectiveHeaders(secure),
    ...failure.headers,
    connection: 'close',
    'cache-control': 'no-store',
    'content-type': 'application/problem+json',
    'content-length': String(Buffer.byteLength(body)),
    'x-request-id': requestId,
  }
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
  // After an upgrade nobody but us closes it, and no time limit of the server holds any more.
  socket.end(`HTTP/1.1 ${status} ${title}\r\n${lines.join('')}\r\n${body}`, () => socket.destroy())
}
