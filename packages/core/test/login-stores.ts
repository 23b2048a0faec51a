import { ownRedis } from '@plinth/adapters/testing'
import { eventually } from '@plinth/db/testing'
import { type TestApp, testApp } from '@plinth/testing'

/** Where logins can be kept, each to hold the same guarantees. */
export const loginStores = ['database', 'redis'] as const

interface LoginsOptions {
  /** Left out: one of its own, which ends with the server. */
  readonly url?: string
  readonly env?: Readonly<Record<string, string>>
}

const onRedis = async (url: string, env: LoginsOptions['env']): Promise<TestApp> => {
  const settings = { PLINTH_REDIS_COMMAND_TIMEOUT_MS: '3000', PLINTH_SESSIONS_STORE: 'redis' }
  const app = await testApp({ env: { REDIS_URL: url, ...settings, ...env } })
  const up = async () => {
    const { text } = await app.rest('GET', '/ready')
    if (!text.includes('"status":"up"')) throw new Error(text)
  }
  await eventually(up)
  return app
}

/** A server that keeps its logins there. */
export const appWithLoginsIn = async (
  store: (typeof loginStores)[number],
  { url, env = {} }: LoginsOptions = {},
): Promise<TestApp> => {
  if (store === 'database') return testApp({ env })
  if (url !== undefined) return onRedis(url, env)
  const redis = await ownRedis()
  const app = await onRedis(redis.url, env)
  return {
    ...app,
    async [Symbol.asyncDispose]() {
      await app[Symbol.asyncDispose]()
      await redis[Symbol.asyncDispose]()
    },
  }
}
