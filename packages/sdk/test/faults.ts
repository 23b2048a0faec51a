import { createServer, type IncomingMessage, request, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'

/** What becomes of one request on its way: an answer of the proxy's own, or a connection that breaks. */
export type Fault =
  | { readonly status: number; readonly headers?: Readonly<Record<string, string>>; readonly body?: string }
  /** Broken off before the server hears of it. */
  | 'reset'
  /** The server does its work, and its answer is lost. */
  | 'lost answer'
  /** Half of the answer comes, then the connection breaks. */
  | 'half an answer'
  /** Nothing comes, ever. */
  | 'silence'

/** A request as it came by. */
interface Passed {
  readonly path: string
  readonly headers: IncomingMessage['headers']
  readonly at: number
}

/** A proxy on loopback that breaks what it is told to break, in order, and lets everything else pass. */
export interface FaultProxy extends AsyncDisposable {
  readonly url: string
  readonly passed: Passed[]
  /** Breaks the next requests in these ways. */
  next(...faults: readonly Fault[]): void
}

/** An answer that a proxy gives which can't reach its server. */
export const BAD_GATEWAY: Fault = {
  status: 502,
  headers: { 'content-type': 'text/html', 'x-request-id': 'of-the-proxy' },
  body: '<html><h1>Bad Gateway</h1></html>',
}

const forward = (
  target: string,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  fault: Fault | undefined,
) => {
  const { method, headers, url = '/' } = incoming
  const onward = request(target + url, { method, headers }, (answer) => {
    if (fault === 'lost answer') {
      answer.resume().on('end', () => outgoing.destroy())
      return
    }
    outgoing.writeHead(answer.statusCode ?? 500, answer.headers)
    if (fault === 'half an answer')
      answer.once('data', (chunk: Buffer) => {
        outgoing.write(chunk.subarray(0, chunk.length / 2), () => outgoing.destroy())
      })
    else answer.pipe(outgoing)
  })
  onward.on('error', () => outgoing.destroy())
  outgoing.on('close', () => onward.destroy())
  incoming.pipe(onward)
}

/** Starts a proxy in front of a server. */
export const faultProxy = async (target: string): Promise<FaultProxy> => {
  const waiting: Fault[] = []
  const passed: Passed[] = []
  const server = createServer((incoming, outgoing) => {
    passed.push({ path: incoming.url ?? '/', headers: incoming.headers, at: performance.now() })
    const fault = waiting.shift()
    if (fault === 'reset') incoming.socket.resetAndDestroy()
    else if (typeof fault === 'object') outgoing.writeHead(fault.status, fault.headers).end(fault.body)
    else if (fault !== 'silence') forward(target, incoming, outgoing, fault)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    passed,
    next: (...faults) => void waiting.push(...faults),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

/** An address at which nobody listens. */
export const nowhere = async (): Promise<string> => {
  await using proxy = await faultProxy('')
  return proxy.url
}
