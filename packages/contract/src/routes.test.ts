import { expect, test } from 'vitest'
import { z } from 'zod'
import { mutation, type Procedure, query, subscription } from './procedure.ts'
import { routesOf, successStatus } from './routes.ts'
import { nothing } from './words/formats.ts'

const byId = z.strictObject({ id: z.string() })
const routes = (name: string, procedure: Procedure) =>
  routesOf(name, procedure).map(({ method, path }) => `${method} ${path}`)

test('a route that is left out follows from the name', () => {
  const read = query({ summary: 'Read', input: byId, output: byId })
  const write = mutation({ summary: 'Write', input: byId, output: byId })
  const bare = mutation({ summary: 'Do', input: nothing, output: byId })
  expect(routes('shop.orders.list', read)).toEqual(['GET /orders'])
  expect(routes('shop.orders.get', read)).toEqual(['GET /orders/{id}'])
  expect(routes('shop.orderLines.create', write)).toEqual(['POST /order-lines'])
  expect(routes('shop.orders.update', write)).toEqual(['PUT /orders/{id}'])
  expect(routes('shop.orders.delete', write)).toEqual(['DELETE /orders/{id}'])
  expect(routes('shop.orders.checkIn', write)).toEqual(['POST /orders/{id}/check-in'])
  expect(routes('shop.orders.recount', bare)).toEqual(['POST /orders/recount'])
})

test('the first of several routes is the canonical one, and a subscription has none', () => {
  const two = query({ summary: 'Read', rest: ['GET /a', 'GET /b'], input: nothing, output: byId })
  const live = subscription({ summary: 'Watch', input: nothing, output: byId })
  expect(routes('shop.orders.mine', two)).toEqual(['GET /a', 'GET /b'])
  expect(routes('shop.orders.watch', live)).toEqual([])
})

test('making something new is answered 201', () => {
  expect([successStatus('shop.orders.create'), successStatus('shop.orders.update')]).toEqual([201, 200])
})
