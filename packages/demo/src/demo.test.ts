import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { systemClock } from '@plinth/kit'
import { testApp } from '@plinth/testing'
import { describe, expect, test } from 'vitest'
import { DemoDataError, demoAccounts, isEmpty, loadDemo } from './index.ts'

const NOW = new Date('2026-11-21T09:30:00.000Z')
const passwordHash = { memoryCost: 64, timeCost: 1, parallelism: 1 }
const options = { clock: { now: () => NOW }, passwordHash }

const fresh = () => testApp({ env: { PLINTH_CACHE_ON: 'false' } })

/** A copy of the data in which a file is changed. */
const changedData = async (name: string, change: (lines: string[]) => void) => {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-demo-'))
  await cp(new URL('../data/', import.meta.url), folder, { recursive: true })
  const path = join(folder, name)
  const lines = (await readFile(path, 'utf8')).split('\n')
  change(lines)
  await writeFile(path, lines.join('\n'))
  return {
    data: pathToFileURL(`${folder}/`),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}

describe('the demo data', () => {
  test('loads all products of both sources in short time, and changes nothing when it is loaded again', async () => {
    await using app = await fresh()
    expect(await isEmpty(app.db)).toBe(true)
    const startedAt = performance.now()
    expect(await loadDemo(app.db, options)).toEqual({
      adventureWorks: { rows: 504, added: 504 },
      onlineRetail: { rows: 3922, added: 3922 },
      accountsAdded: demoAccounts.length,
    })
    console.info(`demo data loaded in ${Math.round(performance.now() - startedAt)} ms`)
    expect(await isEmpty(app.db)).toBe(false)
    const { products } = app.client.commerce
    const before = await products.list.query({ sort: ['-createdAt'], limit: 100 })
    expect(await loadDemo(app.db, { ...options, clock: systemClock })).toEqual({
      adventureWorks: { rows: 504, added: 0 },
      onlineRetail: { rows: 3922, added: 0 },
      accountsAdded: 0,
    })
    expect(await products.list.query({ sort: ['-createdAt'], limit: 100 })).toEqual(before)
  })

  test('is a shop: products in their categories, with prices, stock and popularity from the sources', async () => {
    await using app = await fresh()
    await loadDemo(app.db, options)
    const { products, categories } = app.client.commerce
    const bike = await products.getBySlug.query({ slug: 'mountain-200-black-38', include: ['category'] })
    expect(bike).toMatchObject({
      sku: 'BK-M68B-38',
      price: { amount: 229499, currency: 'USD' },
      stock: 188,
      category: { slug: 'mountain-bikes' },
    })
    const bikes = await categories.getBySlug.query({ slug: 'bikes' })
    const below = await categories.list.query({ parentId: bikes.id })
    expect(below.items.map(({ name }) => name)).toEqual(['Mountain Bikes', 'Road Bikes', 'Touring Bikes'])
    const [best] = (await products.search.query({ q: '', limit: 1 })).items
    const { items: found } = await products.search.query({ q: 'hanging heart t-light', limit: 1 })
    expect(found).toMatchObject([
      { name: 'White Hanging Heart T-Light Holder', sku: '85123A', price: { amount: 295, currency: 'GBP' } },
    ])
    expect(best?.popularity).toBeGreaterThanOrEqual(found[0]?.popularity ?? Number.POSITIVE_INFINITY)
    for (const { sku, name } of (await products.list.query({ sku: { in: ['21186', 'M', 'm'] } })).items)
      expect([sku, name]).toEqual([sku, sku === '21186' ? 'Article 21186' : 'Manual'])
  })

  test('has an account for every role, which can sign in with the password shown', async () => {
    await using app = await fresh()
    await loadDemo(app.db, options)
    expect(demoAccounts.map(({ role }) => role)).toEqual([
      'user',
      'support',
      'moderator',
      'manager',
      'admin',
      'super_admin',
    ])
    for (const { email, password, role } of demoAccounts) {
      const { account } = await app.client.core.sessions.login.mutate({ email, password })
      expect(account.role).toBe(role)
    }
  })

  test('leaves what a shop has changed or deleted as it is', async () => {
    await using app = await fresh()
    await loadDemo(app.db, options)
    const { products } = (await app.as('admin')).client.commerce
    const [first, second] = (await products.list.query({ sku: { in: ['85123A', '22423'] } })).items
    if (!first || !second) throw new Error('both products are part of the demo data')
    await products.delete.mutate({ id: first.id })
    await products.update.mutate({ id: second.id, name: 'Renamed' })
    expect((await loadDemo(app.db, options)).onlineRetail.added).toBe(0)
    expect((await products.list.query({ sku: { in: ['85123A', '22423'] } })).items).toMatchObject([
      { id: second.id, name: 'Renamed' },
    ])
  })
})

describe('a broken file', () => {
  const cases: [string, string, number, (line: string) => string][] = [
    [
      'a price that is no number',
      'online-retail/products.csv',
      2000,
      (line) => line.replace(/\d+\.\d\d/, 'free'),
    ],
    ['a row that ends early', 'online-retail/products.csv', 3000, (line) => line.split(',')[0] ?? ''],
    ['a price below zero', 'adventureworks/products.csv', 300, (line) => line.replace(/(\d+\.\d\d)/, '-$1')],
    [
      'a quantity that is no number',
      'adventureworks/inventory.csv',
      500,
      (line) => line.replace(/\d+$/, 'many'),
    ],
  ]
  test.each(cases)(
    'with %s leaves nothing of its source, and is named with its line',
    async (_, file, line, spoil) => {
      await using broken = await changedData(file, (lines) => {
        lines[line - 1] = spoil(lines[line - 1] ?? '')
      })
      await using app = await fresh()
      const loading = loadDemo(app.db, { ...options, data: broken.data })
      await expect(loading).rejects.toThrow(DemoDataError)
      await expect(loading).rejects.toThrow(`${file}, line ${line}: `)
      const { items } = await app.client.commerce.products.list.query({ sort: ['-createdAt'], limit: 100 })
      const currencies = new Set(items.map(({ price }) => price.currency))
      expect([...currencies]).toEqual(file.startsWith('online') ? ['USD'] : [])
      expect(await isEmpty(app.db)).toBe(true)
    },
  )

  test('with a row that the database refuses leaves nothing of its source, and loading the whole file mends it', async () => {
    await using app = await fresh()
    {
      // The same SKU twice: each row is sound, both together are not.
      await using broken = await changedData('online-retail/products.csv', (lines) => {
        lines[3500] = (lines[3500] ?? '').replace(/^[^,]+/, '10002')
      })
      await expect(loadDemo(app.db, { ...options, data: broken.data })).rejects.toThrow(/unique/i)
    }
    const gifts = () => app.client.commerce.products.list.query({ currency: 'GBP', limit: 1 })
    expect((await gifts()).items).toEqual([])
    const { adventureWorks, onlineRetail } = await loadDemo(app.db, options)
    expect({ adventureWorks, onlineRetail }).toEqual({
      adventureWorks: { rows: 504, added: 0 },
      onlineRetail: { rows: 3922, added: 3922 },
    })
  })
})
