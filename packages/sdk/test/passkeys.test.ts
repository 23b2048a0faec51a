import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { testApp } from '@plinth/testing'
import { chromium } from 'playwright-core'
import { expect, test } from 'vitest'
import { bundle } from './bundles.ts'
import type { passkeys } from './passkey-page.ts'

const ownPage = async () => {
  const code = await bundle('passkey-page.ts')
  const server = createServer(({ url }, answer) => {
    const isCode = url === '/page.js'
    answer.setHeader('content-type', isCode ? 'text/javascript' : 'text/html')
    answer.end(isCode ? code : '<!doctype html><script type="module" src="/page.js"></script>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { origin: `http://localhost:${port}`, [Symbol.dispose]: () => void server.close() }
}

test('in a browser a passkey is registered through the SDK, and a sign-in with it begins a session', async () => {
  using home = await ownPage()
  await using app = await testApp({ env: { PLINTH_WEB_URL: home.origin, PLINTH_ORIGINS: home.origin } })
  const { accessToken, email } = await app.as('user')
  await using browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  })
  const page = await browser.newPage()
  await page.goto(home.origin)
  await page.waitForFunction(() => 'passkeys' in globalThis)
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable', { enableUI: false })
  await cdp.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  })
  const run = (call: keyof typeof passkeys, ...given: unknown[]) =>
    page.evaluate(`passkeys.${call}(...${JSON.stringify(given)})`)
  const signedIn = { url: app.url, tokens: { accessToken } }
  expect(await run('register', signedIn, 'This browser')).toMatchObject({ name: 'This browser' })
  expect(await run('signIn', { url: app.url })).toBe(email)
})
