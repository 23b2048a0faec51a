import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A webhook as it came in. */
export interface Received {
  readonly path: string
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** How a receiver answers a webhook that it has read. */
export type ReceiverAnswer = (response: ServerResponse, received: Received) => unknown

/** A receiver of webhooks on loopback. */
export interface TestReceiver extends AsyncDisposable {
  readonly url: string
  readonly port: number
  readonly received: Received[]
  /** How it answers; 204 as long as nothing is set. */
  answer: ReceiverAnswer
}

const bodyOf = async (incoming: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk)
  return Buffer.concat(chunks).toString('utf8')
}

/** Answers with a status and nothing else. */
export const withStatus =
  (status: number, headers: Readonly<Record<string, string>> = {}): ReceiverAnswer =>
  (response) =>
    response.writeHead(status, headers).end()

/** Starts a receiver that keeps what it is sent. */
export const testReceiver = async (host = '127.0.0.1'): Promise<TestReceiver> => {
  const state = { url: '', port: 0, received: [] as Received[], answer: withStatus(204) }
  const server = createServer((incoming, response) => {
    // Whoever sends may give up in the middle: that is what some tests are about.
    response.on('error', () => undefined)
    const receive = async (): Promise<void> => {
      const { url: path = '', headers } = incoming
      const received = { path, headers, body: await bodyOf(incoming) }
      state.received.push(received)
      await state.answer(response, received)
    }
    receive().catch(() => response.destroy())
  })
  server.listen(0, host)
  await once(server, 'listening')
  state.port = (server.address() as AddressInfo).port
  state.url = `http://${host}:${state.port}/hooks`
  return Object.assign(state, {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
