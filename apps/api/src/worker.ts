import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Composed } from './compose.ts'
import { pathOf } from './http/paths.ts'
import { type Listening, listen, originOf } from './server.ts'
import type { Settings } from './settings.ts'

const SERVED = new Set(['/health', '/ready', '/metrics'])
const NOTHING_HERE = JSON.stringify({
  title: 'Not found',
  status: 404,
  detail: 'This is a worker: it answers /health, /ready and /metrics alone.',
})

/** Runs events, jobs and schedules without the API; over HTTP it answers only those who watch it. */
export const startWorker = async (composed: Composed, settings: Settings): Promise<Listening> => {
  const { app, background } = composed
  const server = createServer((incoming, outgoing) => {
    if (SERVED.has(pathOf(incoming.url ?? ''))) return void app.answer(incoming, outgoing)
    outgoing.writeHead(404, { 'content-type': 'application/problem+json' }).end(NOTHING_HERE)
  })
  await listen(server, { host: settings.host, port: settings.background.port })
  background.start()
  const { port } = server.address() as AddressInfo
  return {
    port,
    url: originOf(settings.host, port),
    async stop() {
      app.drain()
      server.close()
      await composed.close()
      server.closeAllConnections()
    },
  }
}
