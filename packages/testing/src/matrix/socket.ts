import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { WebSocket } from 'ws'
import type { RestAnswer } from '../test-app.ts'

interface SocketOptions {
  readonly headers: Readonly<Record<string, string>>
  readonly token?: string
}

interface Message {
  readonly result?: { readonly type?: string }
  readonly error?: { readonly data?: { readonly httpStatus?: number } }
}

const headersOf = ({ headers }: IncomingMessage): Headers =>
  new Headers(Object.entries(headers).map(([name, value]): [string, string] => [name, String(value)]))

/** The first message that says something: not that the stream has begun, and no ping. */
const firstMessage = (socket: WebSocket): Promise<string> =>
  new Promise((resolve, reject) => {
    // Text comes as one buffer, unless another type of binary data is asked for.
    socket.on('message', (data: Buffer) => {
      const text = data.toString('utf8')
      if (!text.startsWith('{')) return
      if ((JSON.parse(text) as Message).result?.type !== 'started') resolve(text)
    })
    socket.once('close', () => reject(new Error('The socket was closed without a word')))
  })

/** Sends one message over a socket of its own and reads what comes of it first, then hangs up. */
export const firstOfSocket = async (
  url: string,
  message: string,
  { headers, token }: SocketOptions,
): Promise<RestAnswer> => {
  const authorization: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` }
  const socket = new WebSocket(url.replace(/^http/, 'ws'), { headers: { ...authorization, ...headers } })
  try {
    const upgraded = once(socket, 'upgrade')
    await once(socket, 'open')
    const [response] = (await upgraded) as [IncomingMessage]
    const first = firstMessage(socket)
    socket.send(message)
    const text = await first
    const body = JSON.parse(text) as Message
    return { status: body.error?.data?.httpStatus ?? 200, headers: headersOf(response), text, body }
  } finally {
    socket.terminate()
  }
}
