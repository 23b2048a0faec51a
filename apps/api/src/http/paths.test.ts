import { expect, test } from 'vitest'
import { createPaths } from './paths.ts'

const paths = [
  '/products',
  '/products/search',
  '/products/{id}',
  '/products/by-slug/{slug}',
  '/products/{id}/tags/{tag}',
]
const find = createPaths(paths.map((path) => ({ path, target: path })))

test('a path is found by its words, and its parameters are decoded', () => {
  expect(find('/products')).toEqual({ target: '/products', params: {} })
  expect(find('/products/prd_1')).toEqual({ target: '/products/{id}', params: { id: 'prd_1' } })
  expect(find('/products/a%20b/tags/%C3%A4')).toEqual({
    target: '/products/{id}/tags/{tag}',
    params: { id: 'a b', tag: 'ä' },
  })
})

test('words win over parameters', () => {
  expect(find('/products/search')?.target).toBe('/products/search')
  expect(find('/products/by-slug/x')?.target).toBe('/products/by-slug/{slug}')
})

test('what is no path is not found, and a broken escape is left as it stands', () => {
  for (const path of [
    '',
    '/',
    '/product',
    '/products/',
    '/products/a/b',
    '/products/a/tags',
    '/products//tags/x',
  ])
    expect(find(path), path).toBeNull()
  expect(find('/products/%E0%A4%A')?.params).toEqual({ id: '%E0%A4%A' })
})
