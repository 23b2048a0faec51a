import { type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

let app: TestApp
beforeAll(async () => {
  app = await testApp()
})
afterAll(() => app[Symbol.asyncDispose]())

let count = 0
const register = async (password: string) => {
  count += 1
  const email = `policy${count}@example.com`
  const { status } = await app.rest('POST', '/api/v1/auth/register', {
    body: { email, password, name: 'Zed' },
  })
  return { email, status }
}
const signIn = async (email: string, password: string) =>
  (await app.rest('POST', '/api/v1/auth/login', { body: { email, password } })).status

test('a password has at least ten characters', async () => {
  expect((await register('zq7vmxk2w')).status).toBe(422)
  expect((await register('zq7vmxk2wp')).status).toBe(201)
})

test.each([
  ['small letters', 'gruvelbanktornismo'],
  ['digits', '8203951746603918257'],
  ['signs', '#~}|]=;)"!^%{@[+'],
  ['spaces and letters of another script', 'самовар у реки весной'],
])('a password may consist of %s alone', async (_, password) => {
  const { email, status } = await register(password)
  expect(status).toBe(201)
  expect(await signIn(email, password)).toBe(200)
})

test('a password may be as long as 200 characters, and each of them counts', async () => {
  const long = 'otter 7 lamp, river 31 quill; basalt 5 comet - fennel 88 anchor / '.repeat(4).slice(0, 199)
  for (const password of [`${long.slice(0, 64)}q`, `${long}q`]) {
    const { email, status } = await register(password)
    expect(status).toBe(201)
    expect(await signIn(email, password)).toBe(200)
    expect(await signIn(email, `${password.slice(0, -1)}r`)).toBe(401)
    expect(await signIn(email, password.slice(0, -1))).toBe(401)
  }
})

test('case and spaces of a password count, at its ends too', async () => {
  const password = '  Vier Tassen Kaffee '
  const { email } = await register(password)
  expect(await signIn(email, password)).toBe(200)
  for (const other of [password.trim(), password.toLowerCase(), password.toUpperCase(), ` ${password}`])
    expect(await signIn(email, other)).toBe(401)
})

test('a password is good for years: none has to be changed for its age', async () => {
  const { email } = await register('Vier Tassen Kaffee')
  app.clock.advance(5 * 365 * 24 * 3_600_000)
  expect(await signIn(email, 'Vier Tassen Kaffee')).toBe(200)
})
