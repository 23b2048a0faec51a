import { testDatabaseUrl } from '@plinth/db/testing'
import { CLI, launchScript, startServerProcess } from '@plinth/testing'
import { expect, test } from 'vitest'

const until = async <T>(read: () => Promise<T | undefined> | T | undefined): Promise<T> => {
  for (;;) {
    const found = await read()
    if (found !== undefined) return found
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

test('the API does no background work when it is told so, and a worker does it in its place', async () => {
  const { url, dispose } = await testDatabaseUrl({})
  const env = { DATABASE_URL: url, PLINTH_BACKGROUND_ON: 'false', PLINTH_BACKGROUND_PORT: '0' }
  try {
    await using server = await startServerProcess(env)
    const email = 'ann@example.com'
    const body = JSON.stringify({ email, password: 'a long enough phrase 7', name: 'Ann' })
    const headers = { 'content-type': 'application/json' }
    const registered = await fetch(`${server.url}/api/v1/auth/register`, { method: 'POST', headers, body })
    expect(registered.ok).toBe(true)
    const mails = async () => (await fetch(`${server.url}/mailbox`)).text()
    expect(await mails()).not.toContain(email)

    await using worker = launchScript(CLI, ['worker'], env)
    const at = await until(() => /listens on (\S+)/.exec(worker.output())?.[1])
    await until(async () => ((await mails()).includes(email) ? true : undefined))
    expect((await fetch(`${at}/health`)).status).toBe(200)
    expect((await fetch(`${at}/ready`)).status).toBe(200)
    expect(await (await fetch(`${at}/metrics`)).text()).toContain(
      'plinth_jobs_total{name="send-verification-mail"',
    )
    expect((await fetch(`${at}/api/v1/products`)).status).toBe(404)
    expect(await worker.end('SIGTERM')).toBe(0)
  } finally {
    await dispose()
  }
})
