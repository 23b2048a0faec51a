import { adapterMigrations } from '@plinth/adapters'
import type { Surface } from '@plinth/api'
import type { Migrations } from '@plinth/db'
import { tracked } from '@trpc/server'
import {
  type Actor,
  type Authenticator,
  bind,
  implementer,
  type KitTables,
  kitMigrations,
} from '../src/index.ts'
import { testContract } from './contract.ts'

interface ThingsTable {
  id: string
  name: string
  owner_id: string
  size: number
}

type TestDb = KitTables & { things: ThingsTable }

const toThing = (row: ThingsTable) => ({ id: row.id, name: row.name, ownerId: row.owner_id, size: row.size })

const handlers = implementer<TestDb>()(
  testContract.shop.things,
  {
    async list({ input, ctx }) {
      let rows = ctx.db.selectFrom('things').selectAll().orderBy('name').limit(input.limit)
      if (input.size?.gte !== undefined) rows = rows.where('size', '>=', input.size.gte)
      if (input.names) rows = rows.where('name', 'in', input.names)
      return { items: (await rows.execute()).map(toThing), nextCursor: null }
    },
    async mine({ ctx }) {
      const { userId } = ctx.actor
      const row = await ctx.db
        .selectFrom('things')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('owner_id', '=', userId)
        .executeTakeFirstOrThrow()
      return { userId, count: row.count }
    },
    async total({ input, ctx }) {
      const what = { name: 'things.total', of: input, seconds: 60, tags: ['things'] }
      return ctx.remember(what, () =>
        ctx.db
          .selectFrom('things')
          .where('size', '>=', input.atLeast)
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow(),
      )
    },
    async get({ input, ctx, fail }) {
      let row = ctx.db.selectFrom('things').selectAll().where('id', '=', input.id)
      if (!ctx.scope.all) row = row.where('owner_id', '=', ctx.scope.userId)
      return toThing((await row.executeTakeFirst()) ?? fail('NOT_FOUND'))
    },
    async create({ input, ctx, fail }) {
      if (input.fail === 'before') fail('REFUSED')
      const row = { id: ctx.newId('prd'), name: input.name, owner_id: ctx.actor.userId, size: input.size }
      await ctx.db.insertInto('things').values(row).execute()
      ctx.emit('things.created', { id: row.id })
      ctx.setCookie('last_thing', row.id, { path: '/', expires: new Date(ctx.now.getTime() + 1000) })
      if (input.fail === 'commit') fail('REFUSED', { commit: true })
      if (input.fail === 'crash') throw new Error('a secret of ours')
      if (input.fail === 'shape') return { ...toThing(row), size: 0.5 }
      return { ...toThing(row), secretColumn: 'not on the contract' }
    },
    async rename({ input, ctx, fail }) {
      const row = await ctx.transaction(async (trx) => {
        await trx.updateTable('things').set({ name: input.name }).where('id', '=', input.id).execute()
        return trx.selectFrom('things').selectAll().where('id', '=', input.id).executeTakeFirst()
      })
      if (input.fail === 'after') throw new Error('what came after failed')
      return toThing(row ?? fail('NOT_FOUND'))
    },
    async limited({ input }) {
      return { email: input.email }
    },
    async *count({ input }) {
      for (let value = Number(input.lastEventId ?? 0) + 1; value <= input.to; value++)
        yield tracked(String(value), { value })
    },
    async measure({ input }) {
      return { name: input.name, bytes: input.file.size }
    },
    async report({ input, ctx }) {
      const text = `${input.title} for ${ctx.actor.userId}`
      return { body: new TextEncoder().encode(text), contentType: 'text/plain', filename: 'report.txt' }
    },
    async manual() {
      return { body: new TextEncoder().encode('read me'), contentType: 'text/plain', filename: 'manual.txt' }
    },
  },
  { 'things.name': 'NAME_TAKEN' },
)

const thingsMigration: Migrations = {
  '20270101T0000_create_things': {
    async up({ schema, type }) {
      await schema
        .createTable('things')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .addColumn('name', type.text, (column) => column.notNull().unique())
        .addColumn('owner_id', type.id, (column) => column.notNull())
        .addColumn('size', type.integer, (column) => column.notNull())
        .execute()
    },
    async down({ schema }) {
      await schema.dropTable('things').execute()
    },
  },
}

/** The tables of the kit's own tests. */
export const testMigrations: Migrations = { ...kitMigrations, ...adapterMigrations, ...thingsMigration }

const actor = (userId: string, role: string): Actor => ({
  userId,
  loginId: 'lgn_1',
  role,
  permissions: new Set(role === 'manager' ? ['products:write'] : []),
  portal: role === 'organizer' ? 'organizer' : null,
  scopes: null,
  verified: true,
  provenAt: null,
  impersonatedBy: null,
})

/** Tokens say who they are for: `ada` and `bob` are users, `max` a manager, `orga` an organizer; the rest is wrong. */
const authenticator: Authenticator = {
  async authenticate(token) {
    if (token === 'ada' || token === 'bob') return actor(`usr_${token}`, 'user')
    if (token === 'max') return actor('usr_max', 'manager')
    if (token === 'orga') return actor('usr_orga', 'organizer')
    return token === 'old' ? 'TOKEN_EXPIRED' : 'TOKEN_UNKNOWN'
  },
}

/** What the subscriber of `things.created` was given. */
export const testSurface = (received: unknown[] = []): Surface => {
  const subscriber = {
    event: 'things.created',
    job: 'note-thing',
    run: async (payload: unknown) => {
      received.push(payload)
    },
  }
  return () => ({
    bound: bind(testContract, { shop: { things: handlers } }),
    subscribers: [subscriber],
    invariants: [],
    authenticator,
  })
}
