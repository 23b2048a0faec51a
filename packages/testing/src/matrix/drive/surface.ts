import { allMigrations, plinth, type Surface } from '@plinth/api'
import type { Migrations, ReadDb, WriteDb } from '@plinth/db'
import { keyset, pageOf, type SortField } from '@plinth/db'
import { implementer, type KitTables, type Scope } from '@plinth/kit'
import { tracked } from '@trpc/server'
import { matrixContract } from './contract.ts'

interface DocumentsTable {
  id: string
  name: string
  owner_id: string
  body: string
  renamed_at: string | null
}

type DriveDb = KitTables & { drive_documents: DocumentsTable }

const toDocument = (row: DocumentsTable) => ({
  id: row.id,
  name: row.name,
  ownerId: row.owner_id,
  bytes: Buffer.from(row.body, 'base64').length,
  renamedAt: row.renamed_at,
})

const find = async (db: ReadDb<DriveDb> | WriteDb<DriveDb>, scope: Scope, id: string) => {
  const found = db.selectFrom('drive_documents').selectAll().where('id', '=', id)
  return (scope.all ? found : found.where('owner_id', '=', scope.userId)).executeTakeFirst()
}

const BY_NAME: readonly SortField[] = [
  { column: 'name', direction: 'asc' },
  { column: 'id', direction: 'asc' },
]

const documents = implementer<DriveDb>()(
  matrixContract.drive.documents,
  {
    async list({ input: { limit, cursor, name }, ctx }) {
      let own = keyset(ctx.db.selectFrom('drive_documents').selectAll(), BY_NAME, cursor)
        .where('owner_id', '=', ctx.actor.userId)
        .limit(limit + 1)
      if (name?.eq !== undefined) own = own.where('name', '=', name.eq)
      const { items, nextCursor } = pageOf(await own.execute(), limit, BY_NAME)
      return { items: items.map(toDocument), nextCursor }
    },
    async get({ input, ctx, fail }) {
      return toDocument((await find(ctx.db, ctx.scope, input.id)) ?? fail('NOT_FOUND'))
    },
    async create({ input, ctx }) {
      const body = Buffer.from(await input.file.arrayBuffer()).toString('base64')
      const row = {
        id: ctx.newId('prd'),
        name: input.name,
        owner_id: ctx.actor.userId,
        body,
        renamed_at: null,
      }
      await ctx.db.insertInto('drive_documents').values(row).execute()
      return toDocument(row)
    },
    async content({ input, ctx, fail }) {
      const { body, name } = (await find(ctx.db, ctx.scope, input.id)) ?? fail('NOT_FOUND')
      const bytes = new Uint8Array(Buffer.from(body, 'base64'))
      return { body: bytes, contentType: 'application/octet-stream', filename: name }
    },
    async *follow({ input, ctx, fail }) {
      const { name } = (await find(ctx.db, ctx.scope, input.id)) ?? fail('NOT_FOUND')
      const values = [tracked('1', { name }), tracked('2', { name: `${name}, still` })]
      yield* values.slice(Number(input.lastEventId ?? 0))
    },
    async rename({ input, ctx, fail }) {
      const renamed = await ctx.transaction(async (trx) => {
        const found = (await find(trx, ctx.scope, input.id)) ?? fail('NOT_FOUND')
        const change = { name: input.name, renamed_at: ctx.now.toISOString() }
        await trx.updateTable('drive_documents').set(change).where('id', '=', found.id).execute()
        return { ...found, ...change }
      })
      return toDocument(renamed)
    },
    async stamp({ input, ctx }) {
      return { word: input.word, by: ctx.actor.userId }
    },
  },
  { 'drive_documents.owner_id,name': 'NAME_TAKEN' },
)

/** Serves all of Plinth and the module of documents. */
export const matrixSurface: Surface = (parts) => {
  const served = plinth(parts)
  const implementations = { ...(served.bound.implementations as object), drive: { documents } }
  return { ...served, bound: { contract: matrixContract, implementations } }
}

/** The tables of Plinth, and that of documents. */
export const matrixMigrations = (): Migrations => ({
  ...allMigrations(),
  '20270101T0000_create_drive_documents': {
    async up({ schema, type }) {
      await schema
        .createTable('drive_documents')
        .addColumn('id', type.id, (column) => column.primaryKey())
        .addColumn('name', type.text, (column) => column.notNull())
        .addColumn('owner_id', type.id, (column) => column.notNull())
        .addColumn('body', type.text, (column) => column.notNull())
        .addColumn('renamed_at', type.moment)
        .addUniqueConstraint('drive_documents_name', ['owner_id', 'name'])
        .execute()
    },
    async down({ schema }) {
      await schema.dropTable('drive_documents').execute()
    },
  },
})
