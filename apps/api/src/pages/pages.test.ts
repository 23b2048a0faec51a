import { type TestApp, testApp } from '@plinth/testing'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'

let app: TestApp
let browser: Browser

beforeAll(async () => {
  app = await testApp()
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM_PATH ?? '/usr/bin/chromium',
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  })
})
afterAll(async () => {
  await browser.close()
  await app[Symbol.asyncDispose]()
})

interface Visit {
  readonly page: Page
  readonly foreign: string[]
  readonly problems: string[]
}

const open = async (path: string): Promise<Visit> => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 800 } })
  const foreign: string[] = []
  const problems: string[] = []
  page.on('request', (request) => {
    const { protocol, origin } = new URL(request.url())
    if (protocol.startsWith('http') && origin !== app.url) foreign.push(request.url())
  })
  page.on('pageerror', (error) => problems.push(error.message))
  page.on('console', (message) => {
    if (message.type() === 'error') problems.push(message.text())
  })
  await page.goto(app.url + path)
  return { page, foreign, problems }
}

test('the reference shows the operations with nothing from elsewhere', async () => {
  const { page, foreign, problems } = await open('/docs')
  await page
    .getByText('Register an account with email and password')
    .first()
    .waitFor({ state: 'attached', timeout: 20_000 })
  expect(foreign).toEqual([])
  expect(problems).toEqual([])
  if (process.env.SCREENSHOT) await page.screenshot({ path: process.env.SCREENSHOT })
  await page.close()
})

test('an address is verified by the button of the page that the mail leads to', async () => {
  await app.client.core.accounts.register.mutate({
    email: 'ada@example.com',
    password: 'a long enough test phrase 7',
    name: 'Ada',
  })
  await app.settle()
  const [mail] = await app.mails()
  const link = /https?:\/\/\S+verify-email\S+/.exec(mail?.text ?? '')?.[0] ?? ''
  const { pathname, search } = new URL(link)
  const { page, problems } = await open(pathname + search)
  await page.getByRole('button', { name: 'Verify' }).click()
  await page.getByText('ada@example.com is verified').waitFor()
  expect(problems).toEqual([])
  await page.close()
})

test('a password is set by the form of the page that the mail leads to, which tells what is wrong with it', async () => {
  const { email, client } = await app.as('user')
  await client.core.passwords.forgot.mutate({ email, by: 'link' })
  await app.settle()
  const [mail] = await app.composed.mailbox.list({ to: email })
  const link = /https?:\/\/\S+reset-password\S+/.exec(mail?.text ?? '')?.[0] ?? ''
  const { pathname, search } = new URL(link)
  const { page } = await open(pathname + search)
  const choose = async (password: string) => {
    await page.getByLabel('New password').fill(password)
    await page.getByRole('button', { name: 'Set password' }).click()
  }
  await choose('password1234')
  await page.getByText('is one of the most common passwords').waitFor()
  await choose('an even longer phrase 8')
  await page.getByText('Your password is set').waitFor()
  await expect(
    app.client.core.sessions.login.mutate({ email, password: 'an even longer phrase 8' }),
  ).resolves.toMatchObject({})
  await page.close()
})

test('the mailbox shows mails as text, whatever is in them', async () => {
  await app.composed.mailbox.send({
    to: 'eve@example.com',
    subject: '<img src=x onerror=alert(1)>',
    text: '<script>alert(2)</script>',
  })
  const { page, problems } = await open('/mailbox')
  await page.getByText('<img src=x onerror=alert(1)>').click()
  await page.getByText('<script>alert(2)</script>').waitFor()
  expect(problems).toEqual([])
  await page.close()
})

test('every error leads to its explanation', async () => {
  const { body } = await app.rest('GET', '/api/v1/nowhere')
  const { type } = body as { type: string }
  const { page, problems } = await open(type)
  await page.getByText('There is no such route', { exact: false }).waitFor()
  expect(problems).toEqual([])
  await page.close()
})
