import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testDatabaseUrl } from '@plinth/db/testing'
import { startServerProcess } from '@plinth/testing'
import { testAuthenticator } from '@plinth/testing/outside'
import { afterEach, expect, test } from 'vitest'
import { allMigrations } from './systems.ts'

const PAGE = 'http://localhost:4000'
const ADA = { email: 'ada@example.com', password: 'correct horse battery' }
// From its source: a module that is built into another has no name of its own.
const SOURCE = { script: new URL('main.ts', import.meta.url) }

const cleanUp: (() => Promise<void>)[] = []
afterEach(async () => {
  for (const dispose of cleanUp.splice(0)) await dispose()
})

const start = async (options = {}, env: Record<string, string> = {}) => {
  const { url, dispose } = await testDatabaseUrl(allMigrations())
  const settings = { DATABASE_URL: url, PLINTH_WEB_URL: PAGE, PLINTH_DEMO: 'false', ...env }
  const server = await startServerProcess(settings, options)
  cleanUp.push(async () => server[Symbol.asyncDispose](), dispose)
  return server
}

const callsTo =
  (url: string) =>
  async (path: string, body: object = {}, token?: string): Promise<never> => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
    const answer = await fetch(`${url}/api/v1${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    return answer.json() as Promise<never>
  }

const signedUp = async (call: ReturnType<typeof callsTo>): Promise<string> => {
  await call('/auth/register', { ...ADA, name: 'Ada' })
  const { tokens }: { tokens: { accessToken: string } } = await call('/auth/login', ADA)
  return tokens.accessToken
}

const usePasskey = async (call: ReturnType<typeof callsTo>, token: string): Promise<void> => {
  const authenticator = testAuthenticator({ origin: PAGE })
  const credential = authenticator.create(await call('/user/passkeys/options', {}, token))
  expect(await call('/user/passkeys', { credential }, token)).toMatchObject({ name: 'Passkey' })
  const signed = authenticator.get(await call('/auth/passkey/options'))
  expect(await call('/auth/passkey', { credential: signed })).toMatchObject({ account: { email: ADA.email } })
}

test('a server in a process of its own checks passkeys, and neither library nor platform warns of anything', async () => {
  const server = await start()
  const call = callsTo(server.url)
  await usePasskey(call, await signedUp(call))
  expect(await server.end('SIGTERM')).toBe(0)
  expect(server.output()).not.toMatch(/warning/i)
})

test.each([
  ['nobody uses a passkey, the library that checks them is not loaded', false],
  ['somebody does, it is', true],
])('where %s', async (_, isUsed) => {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-modules-'))
  cleanUp.push(() => rm(folder, { recursive: true }))
  const list = join(folder, 'modules.txt')
  const hook = new URL('../test/list-modules.ts', import.meta.url)
  const listing = { NODE_OPTIONS: `--import=${hook.href}`, LIST_MODULES_INTO: list }
  const server = await start(SOURCE, listing)
  const call = callsTo(server.url)
  const token = await signedUp(call)
  if (isUsed) await usePasskey(call, token)
  expect(await server.end('SIGTERM')).toBe(0)
  const loaded = await readFile(list, 'utf8')
  expect(loaded).toContain('/packages/core/src/passkeys/verify.ts')
  expect(loaded.includes('/@simplewebauthn/')).toBe(isUsed)
})
