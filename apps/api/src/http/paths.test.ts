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

test('a word that leads nowhere gives way to a parameter at the same place', () => {
  const find = createPaths([
    { path: '/shops/main/hours', target: 'hours' },
    { path: '/shops/main/{day}/menu', target: 'main menu' },
    { path: '/shops/{shop}/{day}/guests', target: 'guests' },
    { path: '/{kind}/main/{day}/{hour}', target: 'any' },
  ])
  expect(find('/shops/main/monday/menu')).toEqual({ target: 'main menu', params: { day: 'monday' } })
  expect(find('/shops/main/monday/guests')).toEqual({
    target: 'guests',
    params: { shop: 'main', day: 'monday' },
  })
  expect(find('/clubs/main/monday/nine')).toEqual({
    target: 'any',
    params: { kind: 'clubs', day: 'monday', hour: 'nine' },
  })
  expect(find('/clubs/other/monday/nine')).toBeNull()
  expect(find('/shops/main//guests')).toBeNull()
})
