import { type ChildProcess, spawn } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eventually } from '@plinth/db/testing'
import { createLog } from '@plinth/kit'
import { createRedisLink, type RedisLink } from './redis/link.ts'

/** The Redis that tests share; each takes a prefix of its own. */
export const TEST_REDIS_URL = process.env.TEST_REDIS_URL ?? 'redis://127.0.0.1:6379'

const silent = createLog({ level: 'silent', modules: {} }).module('redis')

interface TestLinkOptions {
  readonly url?: string
  readonly keyPrefix?: string
  /** Left out: long, for what is tested is not how fast a busy machine is. */
  readonly commandTimeoutMs?: number
}

/** A link that is removed with all its keys when it goes out of scope; the test fails when there is no Redis. */
export const testLink = async ({
  url = TEST_REDIS_URL,
  keyPrefix = `test:${randomUUID()}:`,
  commandTimeoutMs = 3000,
}: TestLinkOptions = {}): Promise<RedisLink & AsyncDisposable> => {
  const settings = { url, keyPrefix, connectTimeoutMs: 1000, commandTimeoutMs }
  const link = await createRedisLink(settings, silent)
  await eventually(() => link.check())
  return {
    ...link,
    async [Symbol.asyncDispose]() {
      const clear = link.run(async (redis) => {
        const keys = await redis.keys(`${keyPrefix}*`)
        if (keys.length > 0) await redis.del(...keys)
      })
      // A test may end while its Redis is away on purpose.
      await clear.catch(() => undefined)
      await link.close()
    },
  }
}

const freePort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** A Redis of its own that a test may kill, stop in its tracks and start again. */
export interface OwnRedis extends AsyncDisposable {
  readonly url: string
  start(): void
  kill(): Promise<void>
  /** It keeps its connections and answers nothing, as a machine that hangs. */
  hang(): void
  wake(): void
}

/** Starts a Redis on a port that is free. */
export const ownRedis = async (): Promise<OwnRedis> => {
  const port = await freePort()
  const folder = mkdtempSync(join(tmpdir(), 'plinth-redis-'))
  let child: ChildProcess
  const start = (): void => {
    child = spawn('redis-server', ['--port', String(port), '--save', '', '--dir', folder], {
      stdio: 'ignore',
    })
  }
  const kill = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  start()
  return {
    url: `redis://127.0.0.1:${port}`,
    start,
    kill,
    hang: () => void child.kill('SIGSTOP'),
    wake: () => void child.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      await kill()
      rmSync(folder, { recursive: true })
    },
  }
}
