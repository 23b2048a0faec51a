import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A gateway for short messages on loopback: takes JSON by POST from who has the token. */
export interface TestSmsGateway extends AsyncDisposable {
  readonly url: string
  readonly port: number
  /** The bodies that were taken over. */
  readonly received: Record<string, unknown>[]
  /** Statuses to answer by number, in place of taking over. */
  readonly refusals: Map<string, number>
  /** Headers of the next refusals. */
  refusalHeaders: Record<string, string>
  /** Leaves requests unanswered. */
  silent: boolean
}

interface TestSmsGatewayOptions {
  readonly token?: string
  /** What it calls the field of the number. */
  readonly to?: string
  readonly port?: number
}

const read = async (incoming: IncomingMessage): Promise<Record<string, unknown>> => {
  const chunks: Buffer[] = []
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk)
  return JSON.parse(Buffer.concat(chunks).toString('utf8')) as Record<string, unknown>
}

/** Starts a gateway that keeps what it is sent, and refuses what it is told to. */
export const testSmsGateway = async (options: TestSmsGatewayOptions = {}): Promise<TestSmsGateway> => {
  const { token = 'gateway-token', to = 'to', port = 0 } = options
  const state = {
    url: '',
    port: 0,
    received: [] as Record<string, unknown>[],
    refusals: new Map<string, number>(),
    refusalHeaders: {} as Record<string, string>,
    silent: false,
  }
  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> => {
    if (state.silent) return
    const { method, headers, url } = incoming
    if (url !== '/messages') return void outgoing.writeHead(404).end()
    if (method !== 'POST') return void outgoing.writeHead(405).end()
    if (headers.authorization !== `Bearer ${token}`) return void outgoing.writeHead(401).end()
    if (headers['content-type'] !== 'application/json') return void outgoing.writeHead(415).end()
    const body = await read(incoming)
    const refusal = state.refusals.get(String(body[to]))
    // As real ones do: the answer repeats what came in.
    const said = JSON.stringify({ message: body })
    if (refusal !== undefined) return void outgoing.writeHead(refusal, state.refusalHeaders).end(said)
    state.received.push(body)
    outgoing.writeHead(202, { 'content-type': 'application/json' }).end(said)
  }
  const server = createServer((incoming, outgoing) => {
    // A client that breaks off is what some tests are about.
    answer(incoming, outgoing).catch(() => outgoing.destroy())
  })
  server.listen(port, '127.0.0.1')
  await once(server, 'listening')
  state.port = (server.address() as AddressInfo).port
  state.url = `http://127.0.0.1:${state.port}/messages`
  return Object.assign(state, {
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
