import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { testDatabaseUrl } from '@plinth/db/testing'
import { type TestServer, testServer } from '@plinth/testing'
import { testMigrations, testSurface } from './surface.ts'

/** A server of the test contract in this process. */
export const surfaceServer = (env: Readonly<Record<string, string>> = {}): Promise<TestServer> =>
  testServer({ migrations: testMigrations, surface: testSurface(['old']), env })

/** A server of the test contract in a process of its own, which can be killed and started again on the same port. */
export interface MortalServer extends AsyncDisposable {
  readonly url: string
  kill(): Promise<void>
  /** Starts it again; these tokens have expired meanwhile. */
  revive(...expired: readonly string[]): Promise<void>
}

const firstLine = async (child: ChildProcess): Promise<string> => {
  const failed = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`The server ended with ${code}`)),
  )
  const [chunk] = (await Promise.race([once(child.stdout ?? child, 'data'), failed])) as [Buffer]
  return chunk.toString().trim()
}

/** Starts a server that can die. `env` is added to its settings. */
export const mortalServer = async (env: Readonly<Record<string, string>> = {}): Promise<MortalServer> => {
  const database = await testDatabaseUrl(testMigrations)
  const program = fileURLToPath(new URL('process.ts', import.meta.url))
  let child: ChildProcess | undefined

  const start = async (port: string, expired: readonly string[]): Promise<string> => {
    const { PATH, NODE_COMPILE_CACHE } = process.env
    const settings = {
      PATH,
      NODE_COMPILE_CACHE,
      NODE_ENV: 'test',
      DATABASE_URL: database.url,
      PORT: port,
      ...env,
    }
    child = spawn(process.execPath, [program, ...expired], {
      env: settings,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    return firstLine(child)
  }
  const kill = async (): Promise<void> => {
    if (!child) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
    child = undefined
  }
  const url = await start('0', [])
  return {
    url,
    kill,
    async revive(...expired) {
      await start(new URL(url).port, expired)
    },
    [Symbol.asyncDispose]: async () => {
      await kill()
      await database.dispose()
    },
  }
}
