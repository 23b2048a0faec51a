import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from 'vitest'
import { bundle } from './bundles.ts'
import { faultProxy, nowhere } from './faults.ts'
import type { scenarios } from './page.ts'
import { mortalServer, surfaceServer } from './servers.ts'

declare const window: { readonly scenarios: typeof scenarios }

let browser: Browser
let pages: Server
let origin = ''
let page: Page

beforeAll(async () => {
  const code = await bundle('page.ts')
  // Another origin than the server's: what a page of another origin may not read or send shows here.
  pages = createServer(({ url }, answer) => {
    const isCode = url === '/page.js'
    answer.setHeader('content-type', isCode ? 'text/javascript' : 'text/html')
    answer.end(
      isCode
        ? code
        : '<!doctype html><link rel="icon" href="data:,"><script type="module" src="/page.js"></script>',
    )
  })
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve))
  origin = `http://127.0.0.1:${(pages.address() as AddressInfo).port}`
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  })
})
afterAll(async () => {
  await browser.close()
  pages.close()
})
beforeEach(async () => {
  page = await browser.newPage()
  await page.goto(origin)
  await page.waitForFunction(() => 'scenarios' in window)
})
afterEach(() => page.close())

/** A server that pages of the test's own origin may call. */
const near = () => surfaceServer({ PLINTH_ORIGINS: origin })

test.each(['events', 'websocket'] as const)(
  'in a browser a subscription goes on after its last value when the server was killed (%s)',
  async (subscriptions) => {
    await using server = await mortalServer({ PLINTH_ORIGINS: origin })
    await page.evaluate(({ url, way }) => window.scenarios.follow(url, way, 60), {
      url: server.url,
      way: subscriptions,
    })
    await page.waitForFunction(() => window.scenarios.seen.length > 3)
    await server.kill()
    // What was sent with the first login is refused from here on.
    await server.revive('ada')
    await page.waitForFunction(() => window.scenarios.ended !== '')
    const { seen, ended } = await page.evaluate(() => window.scenarios)
    expect(ended).toBe('complete')
    expect(seen).toEqual(Array.from({ length: 60 }, (_, index) => index + 1))
  },
)

test('in a browser a file goes up with progress, and is cut off when aborted', async () => {
  await using server = await near()
  const sent = await page.evaluate((url) => window.scenarios.send(url, 200_000), server.url)
  expect(sent.answer).toMatchObject({
    name: 'from a page',
    filename: 'ones.bin',
    bytes: 200_000,
    sum: 200_000,
  })
  expect(sent.last?.loaded).toBe(sent.last?.total)
  expect(sent.last?.total).toBeGreaterThan(200_000)
  expect([sent.aborted, sent.cutOff]).toEqual(['abort', 'abort'])
})

test('in a browser a file comes down with its name, also from another origin', async () => {
  await using server = await near()
  const file = await page.evaluate((url) => window.scenarios.fetch(url), server.url)
  expect(file).toEqual({ filename: 'Größe.txt', contentType: 'text/plain', bytes: 30_000, loaded: 30_000 })
})

test('in a browser a call is made again, and what never came is told with the id that was sent', async () => {
  await using server = await near()
  await using proxy = await faultProxy(server.url)
  proxy.next('reset')
  const told = await page.evaluate(({ url, nowhere }) => window.scenarios.call(url, nowhere), {
    url: proxy.url,
    nowhere: await nowhere(),
  })
  expect(told.calls).toBe(0)
  expect(told.lost).toEqual({
    reason: 'network',
    status: null,
    requestId: expect.stringMatching(/^[0-9a-f]{32}$/) as string,
  })
})

test('in a browser webhooks are signed and verified', async () => {
  expect(await page.evaluate((secret) => window.scenarios.webhook(secret), 'whsec_MfKQ9r8GKYqrTwjU')).toEqual(
    { a: 1 },
  )
})
