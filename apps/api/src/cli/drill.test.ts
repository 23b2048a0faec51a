import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testDatabaseUrl } from '@plinth/db/testing'
import { demoAccounts } from '@plinth/demo'
import { CLI, MAIN, runScript, startServerProcess } from '@plinth/testing'
import { expect, test } from 'vitest'

const UNLIMITED = { perMinute: 1_000_000, burst: 1_000_000 }
const env = (url: string) => ({
  DATABASE_URL: url,
  PLINTH_LIMITS: JSON.stringify({ default: UNLIMITED, auth: UNLIMITED }),
  PLINTH_SECRET: 's'.repeat(40),
})

const json = async <T>(url: string, init: RequestInit & { token?: string } = {}): Promise<T> => {
  const { token, ...rest } = init
  const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
  const response = await fetch(url, { ...rest, headers })
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`)
  return (await response.json()) as T
}

const signIn = async (url: string): Promise<string> => {
  const admin = demoAccounts.find(({ role }) => role === 'admin')
  const body = JSON.stringify({ email: admin?.email, password: admin?.password })
  const answer = await json<{ tokens: { accessToken: string } }>(`${url}/api/v1/auth/login`, {
    method: 'POST',
    body,
  })
  return answer.tokens.accessToken
}

const allTags = async (url: string): Promise<string[]> => {
  const ids: string[] = []
  for (let cursor: string | null = ''; cursor !== null; ) {
    const page: { items: { id: string }[]; nextCursor: string | null } = await json(
      `${url}/api/v1/tags?limit=100${cursor && `&cursor=${encodeURIComponent(cursor)}`}`,
    )
    ids.push(...page.items.map(({ id }) => id))
    cursor = page.nextCursor
  }
  return ids
}

/** Adds tags one after the other until it is told to end; an id is in the list once the server has acknowledged it. */
const write = (url: string, token: string, name: string) => {
  const acknowledged: string[] = []
  let on = true
  const done = (async () => {
    for (let index = 0; on; index += 1) {
      const body = JSON.stringify({ name: `${name} ${index}` })
      const tag = await json<{ id: string }>(`${url}/api/v1/tags`, { method: 'POST', body, token })
      acknowledged.push(tag.id)
    }
  })()
  const stop = () => {
    on = false
    return done
  }
  return { acknowledged, stop }
}

// Seven processes one after the other, on a machine that may do other things too.
const SLOW = { timeout: 120_000 }

test(
  'what was acknowledged before a backup is there after the data was destroyed and the backup restored',
  SLOW,
  async () => {
    const folder = await mkdtemp(join(tmpdir(), 'plinth-drill-'))
    const file = join(folder, 'drill.backup.gz')
    const lost = await testDatabaseUrl({})
    const found = await testDatabaseUrl({})
    try {
      let before: string[] = []
      let products = ''
      let token = ''
      {
        await using server = await startServerProcess(env(lost.url))
        token = await signIn(server.url)
        const writers = ['red', 'green', 'blue'].map((name) => write(server.url, token, name))
        const all = () => writers.flatMap(({ acknowledged }) => acknowledged)
        while (all().length < 20) await new Promise(setImmediate)
        before = all()
        const backup = await runScript(CLI, ['backup', file], env(lost.url))
        expect(backup, backup.output).toMatchObject({ code: 0 })
        // They went on while it was made.
        expect(all().length).toBeGreaterThan(before.length)
        for (const { stop } of writers) await stop()
        products = await (await fetch(`${server.url}/api/v1/products?limit=100`)).text()
        await server.end('SIGKILL')
      }
      await lost.dispose()

      const restore = await runScript(CLI, ['restore', file], env(found.url))
      expect(restore).toMatchObject({ code: 0 })
      expect(await runScript(CLI, ['verify'], env(found.url))).toMatchObject({ code: 0 })
      await using server = await startServerProcess(env(found.url))
      const tags = new Set(await allTags(server.url))
      expect(before.filter((id) => !tags.has(id))).toEqual([])
      expect(await (await fetch(`${server.url}/api/v1/products?limit=100`)).text()).toBe(products)
      // Also the login of before is good, and the server takes writes.
      const body = JSON.stringify({ name: 'after the restore' })
      const tag = await json<{ id: string }>(`${server.url}/api/v1/tags`, { method: 'POST', body, token })
      expect(await allTags(server.url)).toContain(tag.id)
    } finally {
      await found.dispose()
      await rm(folder, { recursive: true })
    }
  },
)

test(
  'a database that is newer than the program is refused at the start, by the names of what is unknown',
  SLOW,
  async () => {
    const { url, dispose } = await testDatabaseUrl({
      '20991231T0000_from_the_future': { up: () => Promise.resolve(), down: () => Promise.resolve() },
    })
    try {
      for (const script of [MAIN, CLI]) {
        const { code, output } = await runScript(script, ['migrate'], { ...env(url), PORT: '0' })
        expect(code).toBe(1)
        expect(output).toContain('does not know: 20991231T0000_from_the_future; run a newer version')
        expect(output).not.toContain('    at ')
      }
    } finally {
      await dispose()
    }
  },
)
