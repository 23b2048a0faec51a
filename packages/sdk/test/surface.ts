import { setTimeout as delay } from 'node:timers/promises'
import { adapterMigrations } from '@plinth/adapters'
import type { Surface } from '@plinth/api'
import type { Migrations } from '@plinth/db'
import { type Authenticator, bind, implementer, type KitTables, kitMigrations } from '@plinth/kit'
import { tracked } from '@trpc/server'
import { testContract } from './contract.ts'

/** The tables of the surface: those of the kit alone. */
export const testMigrations: Migrations = { ...kitMigrations, ...adapterMigrations }

async function* count(from: string | null | undefined, to: number, everyMs: number) {
  for (let value = Number(from ?? 0) + 1; value <= to; value++) {
    yield value
    await delay(everyMs)
  }
}

const implement = implementer<KitTables>()

const valuesOf = (calls = { made: 0 }) =>
  implement(testContract.test.values, {
    async *count({ input }) {
      for await (const value of count(input.lastEventId, input.to, input.everyMs))
        yield tracked(String(value), { value })
    },
    async *mine({ input, ctx }) {
      for await (const value of count(input.lastEventId, input.to, input.everyMs))
        yield tracked(String(value), { userId: ctx.actor.userId, value })
    },
    async add({ input }) {
      await delay(input.takesMs)
      calls.made += 1
      return { calls: calls.made }
    },
    async added() {
      return { calls: calls.made }
    },
  })

const CHUNK = new TextEncoder().encode('0123456789'.repeat(1000))

const files = implement(testContract.test.files, {
  async measure({ input }) {
    const bytes = new Uint8Array(await input.file.arrayBuffer())
    const { name: filename, type, size } = input.file
    return { name: input.name, filename, type, bytes: size, sum: bytes.reduce((sum, byte) => sum + byte, 0) }
  },
  async report({ input }) {
    let left = input.chunks
    const body = new ReadableStream<Uint8Array>({
      async pull(controller) {
        if (left === 0) return controller.close()
        left -= 1
        if (left < input.chunks - 1) await delay(input.everyMs)
        controller.enqueue(CHUNK)
      },
    })
    return { body, contentType: 'text/plain', filename: `${input.title}.txt` }
  },
})

const sessions = implement(testContract.core.sessions, {
  async refresh({ input: { refreshToken } }) {
    return { tokens: { accessToken: `new-${refreshToken}`, refreshToken } }
  },
})

/** A server of the test contract. Tokens name their user, and those that are listed have expired. */
export const testSurface =
  (expired: readonly string[] = []): Surface =>
  () => {
    const authenticator: Authenticator = {
      async authenticate(token) {
        if (expired.includes(token)) return 'TOKEN_EXPIRED'
        return {
          userId: token,
          loginId: 'lgn_1',
          role: 'user',
          permissions: new Set(),
          portal: null,
          scopes: null,
          verified: true,
          provenAt: null,
          impersonatedBy: null,
        }
      },
    }
    return {
      bound: bind(testContract, { test: { values: valuesOf(), files }, core: { sessions } }),
      subscribers: [],
      authenticator,
    }
  }
