import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { buildServer } from '../../scripts/build-server.ts'
import { type Started, startNode } from './processes.ts'

const SOURCE = fileURLToPath(new URL('../../../apps/api/src/main.ts', import.meta.url))
const FLOOR = fileURLToPath(new URL('./floor/main.ts', import.meta.url))
const START_MS = 60_000

/** A server that listens. */
export interface Server extends Started {
  readonly url: string
}

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

const answers = async (url: string): Promise<boolean> => {
  try {
    const response = await fetch(`${url}/ready`)
    await response.arrayBuffer()
    return response.ok
  } catch {
    // Not listening yet: asked again until its time is up.
    return false
  }
}

const listening = async (url: string): Promise<void> => {
  const deadline = performance.now() + START_MS
  while (!(await answers(url))) {
    if (performance.now() > deadline) throw new Error(`no answer from ${url} within ${START_MS} ms`)
    await delay(50)
  }
}

interface ServerOptions {
  readonly databaseUrl: string
  readonly core: number | undefined
}

const start = async (
  args: string[],
  env: Record<string, string>,
  options: ServerOptions,
  messages = false,
): Promise<Server> => {
  const port = await freePort()
  const url = `http://127.0.0.1:${port}`
  const common = { NODE_ENV: 'production', PORT: String(port), DATABASE_URL: options.databaseUrl }
  const started = startNode({ core: options.core, args, env: { ...common, ...env }, messages })
  try {
    await Promise.race([listening(url), started.ended])
  } catch (error) {
    await started[Symbol.asyncDispose]()
    throw error
  }
  return { ...started, url }
}

/** Starts the floor. */
export const startFloor = (options: ServerOptions): Promise<Server> => start([FLOOR], {}, options)

// All the load comes from one address, which the usual limits are there to stop.
const FREE = { perMinute: 1e9, burst: 1e9 }
const UNLIMITED = JSON.stringify({ default: FREE, auth: FREE })

const PROCEDURES = fileURLToPath(new URL('./scale/procedures-server.ts', import.meta.url))

/** Starts a server of this many procedures that are all alike. */
export const startProcedures = (count: number, options: ServerOptions): Promise<Server> => {
  const secret = randomBytes(32).toString('hex')
  const env = { PLINTH_SECRET: secret, PLINTH_LIMITS: UNLIMITED, PROCEDURES: String(count) }
  return start([PROCEDURES], env, options)
}

let build = process.env.SERVER_BUILD

// Once for a run, and not again in one that was given a build.
const builtMain = (): string => {
  build ??= buildServer()
  return `${build}/main.mjs`
}

interface PlinthOptions extends ServerOptions {
  readonly cached: boolean
  /** Options of Node for a server from its source, whose functions have their own names and places. */
  readonly nodeArgs?: readonly string[]
}

const envOf = (cached: boolean) => ({
  PLINTH_SECRET: randomBytes(32).toString('hex'),
  PLINTH_LIMITS: UNLIMITED,
  PLINTH_CACHE_ON: String(cached),
})

/** Starts Plinth as production does, with production defaults but for limits and response cache. */
export const startPlinth = ({ cached, nodeArgs, ...options }: PlinthOptions): Promise<Server> =>
  start(nodeArgs ? [...nodeArgs, SOURCE] : [builtMain()], envOf(cached), options)

const COLLECT = new URL('./collect.ts', import.meta.url).href
const COLLECT_MS = 10_000

/** A server that tells how much it holds. */
export interface WatchedServer extends Server {
  /** MiB that it still uses when all garbage is collected. */
  collect(): Promise<number>
}

/** The same with its cache, and with word of what it holds. */
export const startWatched = async (options: ServerOptions): Promise<WatchedServer> => {
  const server = await start(['--expose-gc', '--import', COLLECT, builtMain()], envOf(true), options, true)
  return {
    ...server,
    async collect() {
      const told = once(server.child, 'message', { signal: AbortSignal.timeout(COLLECT_MS) })
      server.child.send('collect')
      const [held] = (await told) as [number]
      return held
    },
  }
}
