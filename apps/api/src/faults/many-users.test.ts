import { type TestActor, testApp } from '@plinth/testing'
import { expect, test } from 'vitest'

const USERS = 40
const TURNS = 8
const TAGS = 5

test('what forty users did at the same time is all there afterwards, once each, and nobody sees what is not theirs', async () => {
  await using app = await testApp()
  const users = await Promise.all(Array.from({ length: USERS }, () => app.as('user')))
  const managers = await Promise.all([app.as('manager'), app.as('manager'), app.as('manager')])
  const product = await managers[0]?.client.commerce.products.create.mutate({
    name: 'Shared',
    price: { amount: 100, currency: 'EUR' },
  })
  if (!product) throw new Error('there is no product')
  const tags = await Promise.all(
    Array.from({ length: TAGS }, (_, at) =>
      managers[0]?.client.commerce.tags.create.mutate({ name: `Shared tag ${at}` }),
    ),
  )
  const tagIds = tags.flatMap((tag) => tag?.id ?? [])

  const strangers: string[] = []
  const beUser = async ({ client, account }: TestActor, at: number): Promise<void> => {
    for (let turn = 1; turn <= TURNS; turn++) {
      await client.core.accounts.update.mutate({ name: `User ${at} turn ${turn}` })
      const own = await client.core.accounts.get.query()
      if (own.id !== account.id || own.name !== `User ${at} turn ${turn}`) strangers.push(own.name)
      await client.commerce.products.list.query({ limit: 5 })
    }
  }
  // Each adds and removes the same tags of the same product: the set must end as the last of them left it.
  const beManager = async ({ client }: TestActor): Promise<void> => {
    for (let turn = 0; turn < TURNS; turn++) {
      await client.commerce.products.removeTags.mutate({ id: product.id, tagIds })
      await client.commerce.products.addTags.mutate({ id: product.id, tagIds })
    }
  }
  await Promise.all([...users.map(beUser), ...managers.map(beManager)])

  expect(strangers).toEqual([])
  for (const [at, { client }] of users.entries())
    expect((await client.core.accounts.get.query()).name).toBe(`User ${at} turn ${TURNS}`)
  const counts = await app.db.read
    .selectFrom('audit_log')
    .select(({ fn }) => ['actor_id', fn.countAll<number>().as('count')])
    .where('action', '=', 'core.accounts.update')
    .where('outcome', '=', 'done')
    .groupBy('actor_id')
    .execute()
  expect(new Map(counts.map((row) => [row.actor_id, Number(row.count)]))).toEqual(
    new Map(users.map(({ account }) => [account.id, TURNS])),
  )
  const after = await app.client.commerce.products.get.query({ id: product.id, include: ['tags'] })
  expect(after.tags?.map(({ id }) => id).sort()).toEqual([...tagIds].sort())
})
