// What release 0.1 promised to those who call it. Never changed: a server of today has to answer it as it was.
import { createClient, fieldErrors, isPlinthError, paginate } from '../../../src/index.ts'

const [, , url = '', email = '', password = ''] = process.argv
const client = createClient({ url })
const anonymous = createClient({ url })
const { core, commerce } = client

const codeOf = async (call: Promise<unknown>): Promise<string> => {
  const error: unknown = await call.then(
    () => null,
    (failure: unknown) => failure,
  )
  return isPlinthError(error) ? error.data.code : String(error)
}

const { account, tokens } = await core.sessions.login.mutate({ email, password })
const profile = await core.accounts.update.mutate({ name: 'Ada Byron', locale: 'en', timeZone: 'UTC' })
const logins = await core.sessions.list.query({})

const category = await commerce.categories.create.mutate({ name: 'Bikes' })
const tag = await commerce.tags.create.mutate({ name: 'On sale' })
const key = { context: { idempotencyKey: 'release-0.1' } }
const wanted = {
  name: 'Mountain-200 Black, 38',
  price: { amount: 229_499, currency: 'USD' },
  stock: 3,
  categoryId: category.id,
  tagIds: [tag.id],
}
const made = await commerce.products.create.mutate(wanted, key)
const again = await commerce.products.create.mutate(wanted, key)
await commerce.products.create.mutate({ name: 'Road-150 Red', price: { amount: 357_827, currency: 'USD' } })

const bySlug = await commerce.products.getBySlug.query({ slug: made.slug, include: ['category', 'tags'] })
const listed = await commerce.products.list.query({ price: { gte: 300_000 }, sort: ['-price', 'name'] })
const found = await commerce.products.search.query({ q: 'mountain' })
const names: string[] = []
for await (const { name } of paginate(commerce.products.list, { limit: 1 })) names.push(name)
const changed = await commerce.products.update.mutate({ id: made.id, stock: 2 })
const wrong: unknown = await commerce.tags.create.mutate({ name: '' }).catch((error: unknown) => error)
const codes = [
  await codeOf(commerce.tags.create.mutate({ name: 'Again', slug: tag.slug })),
  await codeOf(commerce.tags.get.query({ id: 'tag_01jd7m3x5sfa9v8k2cq4w6y8ze' })),
  await codeOf(anonymous.core.accounts.get.query()),
  await codeOf(anonymous.commerce.tags.delete.mutate({ id: tag.id })),
]
await commerce.products.delete.mutate({ id: made.id })
codes.push(await codeOf(commerce.products.get.query({ id: made.id })))
await core.sessions.logout.mutate()
codes.push(await codeOf(core.accounts.get.query()))

const told = {
  role: account.role,
  tokens: Object.keys(tokens ?? {}).length >= 4,
  profile: profile.name,
  current: logins.items.filter(({ current }) => current).length,
  once: made.id === again.id,
  category: bySlug.category?.name,
  tags: bySlug.tags?.map(({ slug }) => slug),
  dear: listed.items.map(({ slug }) => slug),
  found: found.items.map(({ name }) => name),
  names,
  stock: changed.stock,
  wrong: Object.keys(fieldErrors(wrong)),
  codes,
}
console.log(JSON.stringify(told))
