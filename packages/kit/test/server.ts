import type { RouterOf } from '@plinth/contract'
import { type TestServer, testServer } from '@plinth/testing'
import { createTRPCClient, httpLink, type TRPCClient } from '@trpc/client'
import type { testContract } from './contract.ts'
import { testMigrations, testSurface } from './surface.ts'

/** The router type of {@link testContract}. */
export type TestRouter = RouterOf<typeof testContract>

/** A server over the kit's own test contract. */
export interface ThingsServer extends TestServer {
  readonly received: unknown[]
  as(token: string | null, headers?: Readonly<Record<string, string>>): TRPCClient<TestRouter>
}

/** Starts a server over the kit's own test contract. */
export const thingsServer = async (env: Readonly<Record<string, string>> = {}): Promise<ThingsServer> => {
  const received: unknown[] = []
  const server = await testServer({ env, migrations: testMigrations, surface: testSurface(received) })
  return {
    ...server,
    received,
    as: (token, headers = {}) => {
      const authorization: Record<string, string> = token === null ? {} : { authorization: `Bearer ${token}` }
      return createTRPCClient<TestRouter>({
        links: [httpLink({ url: `${server.url}/trpc`, headers: { ...authorization, ...headers } })],
      })
    },
  }
}

/** Every row of a table, for what no procedure shows. */
export const rows = (server: ThingsServer, table: 'audit_log' | 'outbox' | 'idempotency_keys' | 'things') =>
  server.db.as<Record<string, Record<string, unknown>>>().read.selectFrom(table).selectAll().execute()
