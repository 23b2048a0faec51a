import { hash as digest, randomUUID } from 'node:crypto'
import { serve } from '@hono/node-server'
import { hash } from '@node-rs/argon2'
import { type Context, Hono } from 'hono'
import { openPostgres } from './postgres.ts'
import { openSqlite } from './sqlite.ts'
import type { ProductRow, SessionRow, Store, UserRow } from './statements.ts'

// The floor: what a careful programmer writes by hand for these requests and nothing else. No checks of input or
// output, no limits, no log, no audit, no protective headers.

// What Plinth's own hashes cost.
const HASH = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }

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

const toUser = ({ created_at: createdAt, ...row }: UserRow) => ({ ...row, createdAt })

const pageOf = (rows: readonly ProductRow[], limit: number) => {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  const nextCursor =
    rows.length > limit && last
      ? Buffer.from(JSON.stringify([last.folded_name, last.id])).toString('base64url')
      : null
  return { items: items.map(toProduct), nextCursor }
}

type Answer = (context: Context) => Promise<Response>
type SignedInAnswer = (context: Context, session: SessionRow) => Promise<Response>

const mountReads = (app: Hono, store: Store, signedIn: (answer: SignedInAnswer) => Answer): void => {
  const list: Answer = async (context) => {
    const limit = Number(context.req.query('limit') ?? 20)
    return context.json(pageOf(await store.list(limit + 1), limit))
  }
  app.get('/products', list)
  app.get('/signed-in/products', signedIn(list))
  app.get('/products/by-slug/:slug', async (context) => {
    const row = await store.bySlug(context.req.param('slug'))
    return row ? context.json(toProduct(row)) : context.json({ code: 'NOT_FOUND' }, 404)
  })
  app.get('/products/by-slugs', async (context) => {
    const slugs = (context.req.query('slugs') ?? '').split(',')
    const rows = await Promise.all(slugs.map(async (slug) => store.bySlug(slug)))
    return context.json(rows.map((row) => row && toProduct(row)))
  })
}

interface NewProduct {
  readonly name: string
  readonly price: { readonly amount: number; readonly currency: string }
  readonly stock: number
}

const mountWrites = (app: Hono, store: Store, signedIn: (answer: SignedInAnswer) => Answer): void => {
  const rename: SignedInAnswer = async (context, session) => {
    const { name } = await context.req.json<{ name: string }>()
    const row = await store.rename(session.user_id, name, new Date().toISOString())
    return row ? context.json(toUser(row)) : context.json({ code: 'NOT_FOUND' }, 404)
  }
  const addProduct: SignedInAnswer = async (context, { user_id: by }) => {
    const { name, price, stock } = await context.req.json<NewProduct>()
    const folded = name.toLowerCase()
    const now = new Date().toISOString()
    const slug = folded.replaceAll(/[^a-z0-9]+/g, '-')
    const values = [randomUUID(), slug, name, folded, price.amount, price.currency, stock, now, now, by, by]
    const row = await store.addProduct(values)
    return row ? context.json(toProduct(row), 201) : context.json({ code: 'INTERNAL' }, 500)
  }
  app.put('/profile', signedIn(rename))
  app.post('/products', signedIn(addProduct))
  app.post('/accounts', async (context) => {
    const { email, password, name } = await context.req.json<Record<'email' | 'password' | 'name', string>>()
    const now = new Date().toISOString()
    const id = randomUUID()
    const row = await store.addUser([id, email, name, await hash(password, HASH), now, now, id, id])
    return row ? context.json(toUser(row), 201) : context.json({ code: 'INTERNAL' }, 500)
  })
}

const createFloor = (store: Store): Hono => {
  const app = new Hono()
  const signedIn =
    (answer: SignedInAnswer): Answer =>
    async (context) => {
      const token = context.req.header('authorization')?.slice('Bearer '.length) ?? ''
      const session = await store.session(digest('sha256', token, 'hex'))
      const ended = session?.ended_at ?? session?.login_ended_at ?? null
      if (!session || ended !== null || session.expires_at <= new Date().toISOString())
        return context.json({ code: 'NOT_SIGNED_IN' }, 401)
      return answer(context, session)
    }
  app.get('/ready', (context) => context.json({ status: 'up' }))
  mountReads(app, store, signedIn)
  mountWrites(app, store, signedIn)
  return app
}

const { DATABASE_URL = '', PORT = '' } = process.env
const store = DATABASE_URL.startsWith('sqlite:') ? openSqlite(DATABASE_URL) : openPostgres(DATABASE_URL)
serve({ fetch: createFloor(store).fetch, hostname: '127.0.0.1', port: Number(PORT) })
