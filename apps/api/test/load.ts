import { setTimeout as delay } from 'node:timers/promises'
import { type ServerProcess, startServerProcess } from '@plinth/testing'

const WITHIN_MS = 20_000
const ANSWER_WITHIN_MS = 8000
const PAUSE_MS = 5

/** Waits for a condition, and fails when it does not come true in time. */
export const until = async (what: string, condition: () => Promise<boolean> | boolean): Promise<void> => {
  const deadline = performance.now() + WITHIN_MS
  while (!(await condition())) {
    if (performance.now() > deadline) throw new Error(`not within ${WITHIN_MS} ms: ${what}`)
    await delay(20)
  }
}

/** Status of one request, which no fault may keep from being answered in time. */
export const statusOf = async (url: string, init: RequestInit = {}): Promise<number> => {
  const answer = await fetch(url, { ...init, signal: AbortSignal.timeout(ANSWER_WITHIN_MS) })
  await answer.arrayBuffer()
  return answer.status
}

/** Requests that a few clients send one after the other until they are stopped, and what came of them. */
export interface Load extends AsyncDisposable {
  /** How often a status was answered so far. */
  count(status: number): number
  statuses(): ReadonlySet<number>
  /** The longest that an answer took, in milliseconds. */
  slowest(): number
  stop(): Promise<void>
}

/** Keeps a server busy; `send` is told which request it is, counted over all clients. */
export const steadyLoad = (send: (index: number) => Promise<number>, clients = 8): Load => {
  const counts = new Map<number, number>()
  const count = (status: number) => counts.get(status) ?? 0
  let loading = true
  let sent = 0
  let slowest = 0
  const client = async (): Promise<void> => {
    while (loading) {
      const startedAt = performance.now()
      const status = await send(sent++)
      slowest = Math.max(slowest, performance.now() - startedAt)
      counts.set(status, count(status) + 1)
      await delay(PAUSE_MS)
    }
  }
  const clientsAtWork = Promise.all(Array.from({ length: clients }, client))
  // Whoever stops the load is told what went wrong; until then it must not end the process.
  clientsAtWork.catch(() => undefined)
  const stop = async (): Promise<void> => {
    loading = false
    await clientsAtWork
  }
  return {
    count,
    statuses: () => new Set(counts.keys()),
    slowest: () => slowest,
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** The status of /ready and of one part in it. */
export const readyOf = async (url: string, part: string): Promise<string> => {
  const answer = await fetch(`${url}/ready`)
  const { status, checks } = (await answer.json()) as {
    status: string
    checks: { name: string; state: string }[]
  }
  return `${answer.status} ${status}, ${part} ${checks.find(({ name }) => name === part)?.state}`
}

/** Registers an account; answers the status. */
export const register = async (url: string, email: string): Promise<number> => {
  const account = { email, password: 'a long enough test phrase 7', name: 'n'.repeat(80) }
  const answer = await post(`${url}/api/v1/auth/register`, account)
  await answer.arrayBuffer()
  return answer.status
}

/** Starts the process that `parts-process.ts` is. */
export const startParts = (env: Readonly<Record<string, string>>): Promise<ServerProcess> =>
  startServerProcess(
    { ...MANY_ACCOUNTS, ...env },
    { script: new URL('parts-process.ts', import.meta.url), probe: '/api/v1/count' },
  )

/** Sends a body as JSON. */
export const post = (url: string, body: unknown = {}): Promise<Response> =>
  fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
    signal: AbortSignal.timeout(ANSWER_WITHIN_MS),
  })

/** Settings under which a test may register as many accounts as it likes. */
export const MANY_ACCOUNTS = {
  PLINTH_DEMO: 'false',
  PLINTH_PASSWORD_HASH_MEMORY_COST: '64',
  PLINTH_LIMITS: JSON.stringify({
    default: { perMinute: 1_000_000, burst: 1_000_000 },
    auth: { perMinute: 1_000_000, burst: 1_000_000 },
  }),
}
