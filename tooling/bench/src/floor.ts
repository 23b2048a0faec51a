import { hash } from 'node:crypto'
import { serve } from '@hono/node-server'
import { type Context, Hono } from 'hono'
import { openPostgres } from './floor-postgres.ts'
import type { ProductRow, Reads } from './floor-reads.ts'
import { openSqlite } from './floor-sqlite.ts'

// The floor: what a careful programmer writes by hand for these three requests and nothing else. No checks of
// input or output, no limits, no log, no protective headers.

const toProduct = (row: ProductRow) => ({
  id: row.id,
  slug: row.slug,
  sku: row.sku,
  name: row.name,
  description: row.description,
  price: { amount: row.price_amount, currency: row.price_currency },
  stock: row.stock,
  popularity: row.popularity,
  categoryId: row.category_id,
  createdAt: row.created_at,
  updatedAt: row.updated_at,
})

const pageOf = (rows: readonly ProductRow[], limit: number) => {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  const nextCursor =
    rows.length > limit && last
      ? Buffer.from(JSON.stringify([last.folded_name, last.id])).toString('base64url')
      : null
  return { items: items.map(toProduct), nextCursor }
}

const createFloor = (reads: Reads): Hono => {
  const list = async (context: Context) => {
    const limit = Number(context.req.query('limit') ?? 20)
    return context.json(pageOf(await reads.list(limit + 1), limit))
  }
  const app = new Hono()
  app.get('/ready', (context) => context.json({ status: 'up' }))
  app.get('/products', list)
  app.get('/products/by-slug/:slug', async (context) => {
    const row = await reads.bySlug(context.req.param('slug'))
    return row ? context.json(toProduct(row)) : context.json({ code: 'NOT_FOUND' }, 404)
  })
  app.get('/signed-in/products', async (context) => {
    const token = context.req.header('authorization')?.slice('Bearer '.length) ?? ''
    const session = await reads.session(hash('sha256', token, 'hex'))
    const ended = session?.ended_at ?? session?.login_ended_at ?? null
    if (!session || ended !== null || session.expires_at <= new Date().toISOString())
      return context.json({ code: 'NOT_SIGNED_IN' }, 401)
    return list(context)
  })
  return app
}

const { DATABASE_URL = '', PORT = '' } = process.env
const reads = DATABASE_URL.startsWith('sqlite:') ? openSqlite(DATABASE_URL) : openPostgres(DATABASE_URL)
serve({ fetch: createFloor(reads).fetch, hostname: '127.0.0.1', port: Number(PORT) })
