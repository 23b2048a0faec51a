import { type TestActor, type TestApp, testApp } from '@plinth/testing'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { NO_VERIFICATION, openPasskeyPage, type PasskeyPage, servePage } from '../../test/passkey-page.ts'

let home: Awaited<ReturnType<typeof servePage>>
let elsewhere: typeof home
let app: TestApp
let browser: Browser
beforeAll(async () => {
  home = await servePage()
  elsewhere = await servePage()
  const origins = `${home.origin},${elsewhere.origin}`
  app = await testApp({ env: { PLINTH_WEB_URL: home.origin, PLINTH_ORIGINS: origins } })
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'],
  })
})
afterAll(async () => {
  await browser.close()
  for (const opened of [app, home, elsewhere]) await opened[Symbol.asyncDispose]()
})

type Opened = Omit<Parameters<typeof openPasskeyPage>[1], 'origin' | 'server'> & { readonly origin?: string }

const open = async (user: TestActor | null, opened: Opened = {}) => {
  const page = await browser.newPage()
  const token = user ? { token: user.accessToken } : {}
  return openPasskeyPage(page, { origin: home.origin, server: app.url, ...token, ...opened })
}

/** Copies the passkey of one browser to another, key and counter as they are. */
const holdToo = async ({ cdp, authenticatorId }: PasskeyPage, from: PasskeyPage): Promise<string> => {
  const held = await from.cdp.send('WebAuthn.getCredentials', { authenticatorId: from.authenticatorId })
  const [credential] = held.credentials
  if (!credential) throw new Error('The authenticator holds no passkey')
  await cdp.send('WebAuthn.addCredential', { authenticatorId, credential })
  return Buffer.from(credential.credentialId, 'base64').toString('base64url')
}

test('a browser registers a passkey, proves and signs in with it, and can not once it is removed', async () => {
  const user = await app.as('user')
  const page = await open(user)
  const passkey = await page.run('register("This browser")')
  expect(passkey).toMatchObject({ name: 'This browser', transports: ['internal'], suspendedAt: null })
  app.clock.advance(14 * 60_000)
  expect(await page.run('prove()')).toEqual({
    provenAt: app.clock.now().toISOString(),
    freshUntil: new Date(app.clock.now().getTime() + 15 * 60_000).toISOString(),
  })
  // Nobody is named: the browser knows by itself which passkey this site has.
  const signedIn = (await page.run('delete window.token, signIn()')) as { tokens: { accessToken: string } }
  expect(signedIn).toMatchObject({ account: { id: user.account.id } })
  const { core } = app.clientWith({ authorization: `Bearer ${signedIn.tokens.accessToken}` })
  const [login] = (await core.sessions.list.query({})).items
  expect(login).toMatchObject({ current: true, method: 'passkey' })
  await core.passkeys.delete.mutate({ id: (passkey as { id: string }).id })
  expect(await page.run('signIn()')).toMatchObject({ status: 401, code: 'PASSKEY_REFUSED' })
})

test('a browser makes no second passkey for an account where it has one', async () => {
  const page = await open(await app.as('user'))
  await page.run('register("First")')
  await expect(page.run('register("Second")')).rejects.toThrow('InvalidStateError')
})

test('a page of another origin can neither add a passkey nor sign in with one', async () => {
  const user = await app.as('user')
  const page = await open(user, { origin: elsewhere.origin })
  expect(await page.run('register("From elsewhere")')).toMatchObject({ code: 'PASSKEY_INVALID' })
  expect((await user.client.core.passkeys.list.query({})).items).toEqual([])
  const good = await open(user)
  await good.run('register("Good")')
  const there = await open(null, { origin: elsewhere.origin })
  await holdToo(there, good)
  expect(await there.run('signIn()')).toMatchObject({ code: 'PASSKEY_REFUSED' })
  expect(await good.run('signIn()')).toMatchObject({ account: { id: user.account.id } })
})

test('a signature that was sent once is refused when it is sent again', async () => {
  const user = await app.as('user')
  const page = await open(user)
  await page.run('register("Replayed")')
  const credential = await page.run('get("/auth/passkey/options")')
  const send = () => app.rest('POST', '/api/v1/auth/passkey', { body: { credential } })
  expect((await send()).status).toBe(200)
  expect((await send()).body).toMatchObject({ status: 401, code: 'PASSKEY_REFUSED' })
})

test('a browser that does not verify its user can neither add a passkey nor sign in', async () => {
  const user = await app.as('user')
  const weak = { authenticator: NO_VERIFICATION, isWeak: true }
  const page = await open(user, weak)
  expect(await page.run('register("Unverified")')).toMatchObject({ code: 'PASSKEY_INVALID' })
  const good = await open(user)
  await good.run('register("Good")')
  const unverified = await open(null, weak)
  const id = await holdToo(unverified, good)
  // A browser finds a passkey by itself only for who was verified; to one that is named it goes without.
  const naming = JSON.stringify({ allowCredentials: [{ type: 'public-key', id }] })
  await unverified.run(`void (window.naming = ${naming})`)
  expect(await unverified.run('signIn()')).toMatchObject({ code: 'PASSKEY_REFUSED' })
  expect(await good.run('signIn()')).toMatchObject({ account: { id: user.account.id } })
})

test('a copy of a passkey that signs after the passkey itself is refused, and both are put out of use', async () => {
  const user = await app.as('user')
  const owner = await open(user)
  await owner.run('register("Copied")')
  const thief = await open(null)
  await holdToo(thief, owner)
  expect(await owner.run('signIn()')).toMatchObject({ account: { id: user.account.id } })
  expect(await thief.run('signIn()')).toMatchObject({ status: 401, code: 'PASSKEY_REFUSED' })
  expect(await owner.run('delete window.token, signIn()')).toMatchObject({ code: 'PASSKEY_REFUSED' })
  await expect(user.client.core.passkeys.list.query({})).rejects.toMatchObject({
    data: { code: 'TOKEN_REVOKED' },
  })
})
