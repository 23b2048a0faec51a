import { allMigrations, compose, readConfig, type Surface, startServer } from '@plinth/api'
import type { CommerceDb } from '@plinth/commerce'
import { type Procedure, query } from '@plinth/contract'
import { migrate } from '@plinth/db'
import { bind, implementer } from '@plinth/kit'
import { z } from 'zod'

// A server of as many procedures as it is told, all alike: what differs is how many others a call is found among.

const COUNT = Number(process.env.PROCEDURES)

const input = z.strictObject({ slug: z.string() })
const output = z.object({ slug: z.string(), name: z.string(), stock: z.int() })

const implement = implementer<CommerceDb>()

const moduleAt = (at: number) => {
  const get = query({
    summary: 'Get one product',
    rest: `GET /module-${at}/{slug}`,
    access: 'public',
    input,
    output,
    example: { input: { slug: 'lamp' }, output: { slug: 'lamp', name: 'Lamp', stock: 1 } },
  })
  return implement(
    { get },
    {
      async get({ input: { slug }, ctx, fail }) {
        const row = await ctx.db
          .selectFrom('products')
          .select(['slug', 'name', 'stock'])
          .where('deleted_at', 'is', null)
          .where('slug', '=', slug)
          .executeTakeFirst()
        return row ?? fail('NOT_FOUND')
      },
    },
  )
}

const surface: Surface = () => {
  const modules = Array.from({ length: COUNT }, (_, at) => [`module${at}`, moduleAt(at)] as const)
  const contract: Record<string, Readonly<Record<string, Procedure>>> = {}
  for (const [name, implementation] of modules) contract[name] = implementation.contract
  return {
    bound: bind({ bench: contract }, { bench: Object.fromEntries(modules) }),
    subscribers: [],
    authenticator: { authenticate: () => Promise.resolve('TOKEN_MALFORMED') },
  }
}

const settings = readConfig(process.env)
const composed = await compose(settings, surface)
await migrate(composed.db, allMigrations())
const server = await startServer(composed, settings)
process.once('SIGTERM', () => {
  server.stop().then(
    () => process.exit(0),
    () => process.exit(1),
  )
})
