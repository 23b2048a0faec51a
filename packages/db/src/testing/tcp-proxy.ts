import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'

/** Stands between a client and a server on loopback, and takes the line away when it is told to. */
export interface TcpProxy extends AsyncDisposable {
  readonly port: number
  /** Connections made so far. */
  readonly connections: number
  /** Breaks every connection; further ones are made as before. */
  cut(): void
  /** Breaks every connection and takes no more until `restore`. */
  away(): void
  restore(): void
  /** Lets nothing through from the server any more, as on a line that swallows; until the connections are cut. */
  swallow: boolean
}

/** Starts a proxy to a port. */
export const tcpProxy = async (to: number): Promise<TcpProxy> => {
  const open = new Set<Socket>()
  const state = { port: 0, connections: 0, swallow: false }
  let isAway = false
  const server = createServer({ allowHalfOpen: true }, (near) => {
    if (isAway) {
      near.destroy()
      return
    }
    state.connections += 1
    const far = connect(to, '127.0.0.1')
    near.on('end', () => {
      // Not even a goodbye is answered on a line that swallows.
      if (!state.swallow) near.end()
    })
    for (const [socket, other] of [
      [near, far],
      [far, near],
    ] as const) {
      open.add(socket)
      socket.on('data', (chunk) => {
        if (socket === near || !state.swallow) other.write(chunk)
      })
      // Each end goes with the other, whatever it ended of; only that of the server may be swallowed as well.
      socket.on('error', () => undefined)
      socket.on('close', () => {
        open.delete(socket)
        if (socket === near || !state.swallow) other.destroy()
      })
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  state.port = (server.address() as AddressInfo).port
  const cut = (): void => {
    for (const socket of open) socket.destroy()
  }
  return Object.assign(state, {
    cut,
    away() {
      isAway = true
      cut()
    },
    restore() {
      isAway = false
    },
    async [Symbol.asyncDispose]() {
      cut()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}
