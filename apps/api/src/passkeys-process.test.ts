import { testDatabaseUrl } from '@plinth/db/testing'
import { startServerProcess } from '@plinth/testing'
import { testAuthenticator } from '@plinth/testing/outside'
import { afterAll, expect, test } from 'vitest'
import { allMigrations } from './systems.ts'

const PAGE = 'http://localhost:4000'

let dispose: () => Promise<void>
afterAll(() => dispose())

test('a server in a process of its own checks passkeys, and neither library nor platform warns of anything', async () => {
  const database = await testDatabaseUrl(allMigrations())
  dispose = database.dispose
  const settings = { DATABASE_URL: database.url, PLINTH_WEB_URL: PAGE, PLINTH_DEMO: 'false' }
  await using server = await startServerProcess(settings)
  const call = async (path: string, body: object = {}, token?: string) => {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
    const answer = await fetch(`${server.url}/api/v1${path}`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    return answer.json() as Promise<never>
  }
  const ada = { email: 'ada@example.com', password: 'correct horse battery' }
  await call('/auth/register', { ...ada, name: 'Ada' })
  const { tokens }: { tokens: { accessToken: string } } = await call('/auth/login', ada)
  const authenticator = testAuthenticator({ origin: PAGE })
  const credential = authenticator.create(await call('/user/passkeys/options', {}, tokens.accessToken))
  expect(await call('/user/passkeys', { credential }, tokens.accessToken)).toMatchObject({ name: 'Passkey' })
  const signed = authenticator.get(await call('/auth/passkey/options'))
  expect(await call('/auth/passkey', { credential: signed })).toMatchObject({ account: { email: ada.email } })
  expect(await server.end('SIGTERM')).toBe(0)
  expect(server.output()).not.toMatch(/warning/i)
})
