import { testApp } from '@plinth/testing'
import { expect, test } from 'vitest'

const hit = async (app: Awaited<ReturnType<typeof testApp>>, path: string) =>
  (await app.rest('GET', path)).headers.get('x-cache')

test('what a visitor asks for first is kept warm without being told so', async () => {
  await using app = await testApp()
  expect(await app.composed.warmer.run()).toBe(3)
  for (const path of ['/api/v1/products', '/api/v1/categories', '/api/v1/categories?top=true'])
    expect(await hit(app, path)).toBe('hit')
})

test('what is to be kept warm can be said, and a name that is none stops the start', async () => {
  const reads = (procedure: string) => ({
    PLINTH_CACHE_WARM: JSON.stringify([{ procedure, input: { limit: 3 } }]),
  })
  await using app = await testApp({ env: reads('commerce.tags.list') })
  await app.composed.warmer.run()
  expect(await hit(app, '/api/v1/tags?limit=3')).toBe('hit')
  expect(await hit(app, '/api/v1/products')).toBe('miss')
  await expect(testApp({ env: reads('commerce.tags.lists') })).rejects.toThrow('commerce.tags.lists')
})

test('without Redis everything is there, for one process', async () => {
  await using app = await testApp()
  const { body } = await app.rest('GET', '/ready')
  expect(JSON.stringify(body)).not.toContain('redis')
  const got: unknown[] = []
  const end = app.composed.bus.subscribe('a', (message) => got.push(message))
  await app.composed.bus.publish('a', 1)
  expect(got).toEqual([1])
  end()
})
