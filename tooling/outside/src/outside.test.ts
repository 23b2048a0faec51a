import { execFile } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { type TestActor, type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { curlJourney } from './curl.ts'
import { type GeneratedClient, generateClient } from './generated.ts'
import { FILTER, type Given, type Journey } from './journey.ts'
import { sdkJourney } from './sdk.ts'
import { trpcJourney } from './trpc.ts'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../../', import.meta.url))

let app: TestApp
let admin: TestActor
let client: GeneratedClient

const sell = async (amounts: readonly number[]): Promise<void> => {
  const { categories, tags, products } = admin.client.commerce
  const { id: categoryId } = await categories.create.mutate({ name: 'Outdoor' })
  const tag = await tags.create.mutate({ name: 'On sale' })
  for (const amount of amounts) {
    const price = { amount, currency: 'EUR' }
    await products.create.mutate({ name: `Lamp ${amount}`, price, categoryId, tagIds: [tag.id] })
  }
}

beforeAll(async () => {
  app = await testApp()
  admin = await app.as('admin')
  await sell([500, 1000, 2500, 2500, 4000, 5000, 9000])
  client = await generateClient(app.url)
})
afterAll(async () => {
  await client[Symbol.asyncDispose]()
  await app[Symbol.asyncDispose]()
})

const given = (key: string): Given => ({
  url: app.url,
  email: admin.email,
  password: admin.password,
  slug: 'lamp-4000',
  key,
})

const MISUSE = `
  import createClient from 'openapi-fetch'
  import type { paths } from './api.ts'
  const client = createClient<paths>({})
  await client.GET('/products', { params: { query: { limit: 'many' } } })
  await client.POST('/products', { body: { name: 'No price' } })
  await client.GET('/nowhere')
`

test('a client generated from the document type-checks strictly under TypeScript 6, and refuses what is not in it', async () => {
  expect(await client.check()).toBe('')
  const lines = (await client.check({ 'misuse.mts': MISUSE })).match(/^\S+\(\d+/gm)
  expect(lines).toEqual(['misuse.mts(5', 'misuse.mts(6', 'misuse.mts(7'])
})

test('a generated client, the client of tRPC, the SDK and curl bring the same home', async () => {
  const journeys: Readonly<Record<string, Journey>> = {
    generated: await client.journey(given('generated-1')),
    trpc: await trpcJourney(given('trpc-1')),
    sdk: await sdkJourney(given('sdk-1')),
    curl: await curlJourney(given('curl-1')),
  }
  const { curl } = journeys
  for (const [name, journey] of Object.entries(journeys)) expect(journey, name).toEqual(curl)
  const amounts = [curl?.list, curl?.next].map((page) => page?.items.map(({ price }) => price.amount))
  expect(amounts).toEqual([
    [5000, 4000, 2500],
    [2500, 1000],
  ])
  expect(curl?.list.items).toHaveLength(FILTER.limit)
  expect(curl?.bySlug).toMatchObject({
    name: 'Lamp 4000',
    category: { name: 'Outdoor' },
    tags: [{ name: 'On sale' }],
  })
  expect(curl?.missing).toEqual({ status: 404, code: 'NOT_FOUND', fields: [] })
  expect(curl?.refused).toEqual({ status: 422, code: 'INVALID_INPUT', fields: ['limit', 'price.gte'] })
  expect(curl?.notSignedIn).toEqual({ status: 401, code: 'NOT_SIGNED_IN', fields: [] })
  expect(curl?.profile).toEqual(admin.account)
  expect(curl?.created).toEqual({
    name: 'Made outside',
    price: { amount: 99, currency: 'EUR' },
    replayed: true,
  })
  expect(curl?.reused).toEqual({ status: 422, code: 'IDEMPOTENCY_KEY_REUSED', fields: [] })
})

test('redocly finds neither errors nor warnings in the served document', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-lint-'))
  const file = join(folder, 'openapi.json')
  await writeFile(file, (await app.rest('GET', '/openapi.json')).text)
  const env = { ...process.env, REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }
  const args = ['lint', file, '--config', join(root, 'redocly.yaml'), '--format', 'json']
  const { stdout } = await run(join(root, 'node_modules/.bin/redocly'), args, { env, cwd: root })
  await rm(folder, { recursive: true })
  expect(JSON.parse(stdout)).toMatchObject({ totals: { errors: 0, warnings: 0 } })
})
