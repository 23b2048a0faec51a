import { createMetrics } from '@plinth/kit'
import { expect, test } from 'vitest'
import { createGate, isProbe } from './gate.ts'

test.each(['/health', '/ready/', '/metrics?all=1'])('%s is asked by who watches the server', (url) => {
  expect(isProbe(url)).toBe(true)
  expect(createGate(0, createMetrics()).admits(url)).toBe(true)
})

test.each([
  '/health/../trpc/commerce.products.list',
  '/health/x',
  '/metrics-of-mine',
  '/healthy',
  '/api/v1/health',
])('%s is not, and is shed like the rest', (url) => {
  expect(isProbe(url)).toBe(false)
  expect(createGate(0, createMetrics()).admits(url)).toBe(false)
})
