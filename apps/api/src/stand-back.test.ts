import { readdirSync, readFileSync } from 'node:fs'
import { getPriority } from 'node:os'
import { testDatabaseUrl } from '@plinth/db/testing'
import { startServerProcess } from '@plinth/testing'
import { expect, test } from 'vitest'
import { allMigrations } from './systems.ts'

const prioritiesOf = (pid: number | undefined, name: string): number[] =>
  readdirSync(`/proc/${pid}/task`)
    .filter((thread) => readFileSync(`/proc/${pid}/task/${thread}/comm`, 'utf8').trim() === name)
    .map((thread) => getPriority(Number(thread)))

test.runIf(process.platform === 'linux')(
  'in a server the threads that hash passwords stand back behind the one that answers',
  async () => {
    const { url, dispose } = await testDatabaseUrl(allMigrations())
    {
      await using api = await startServerProcess({ DATABASE_URL: url, PLINTH_DEMO: 'false' })
      const pool = prioritiesOf(api.child.pid, 'libuv-worker')
      const [main = Number.NaN] = prioritiesOf(api.child.pid, 'MainThread')
      expect(pool.length).toBeGreaterThan(0)
      for (const priority of pool) expect(priority).toBe(Math.min(19, main + 10))
    }
    await dispose()
  },
)
