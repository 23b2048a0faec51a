import type { Person, ProviderDialect } from '@plinth/testing/outside'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { subjectsFor, withTotp } from '../../test/factors.ts'
import { type Answered, PAGE, type SocialApp, socialApp } from '../../test/social.ts'
import type { CoreDb } from '../db.ts'

let social: SocialApp
beforeAll(async () => {
  social = await socialApp()
})
afterAll(() => social[Symbol.asyncDispose]())

const read = () => social.app.db.as<CoreDb>().read
const accountOf = ({ body }: Answered) =>
  body.account as { id: string; email: string; emailVerifiedAt: string | null; name: string }
const usersWith = async (email: string) =>
  (await read().selectFrom('users').select('id').where('email', '=', email).execute()).length
const clientOf = ({ body }: Answered) => {
  const { accessToken } = body.tokens as { accessToken: string }
  return social.app.clientWith({ authorization: `Bearer ${accessToken}` })
}
const registered = async (email: string) => {
  const password = 'correct horse battery'
  await social.app.client.core.accounts.register.mutate({ email, password, name: 'Ada' })
  return { email, password }
}

describe.each<ProviderDialect>(['google', 'github'])('with %s', (dialect) => {
  test('a verified address that is new makes a verified account, and the next time signs in to it', async () => {
    const person = social.person({ email: `New-${dialect}@Example.com` })
    const first = await social.signIn(person, dialect)
    expect(first).toMatchObject({ status: 200, body: { created: true, returnTo: null } })
    expect(accountOf(first)).toMatchObject({ email: `new-${dialect}@example.com`, name: 'Grace Hopper' })
    expect(accountOf(first).emailVerifiedAt).not.toBeNull()
    // The address at the provider may change; who it is does not.
    const again = await social.signIn({ ...person, email: 'changed@example.com' }, dialect)
    expect(again).toMatchObject({ status: 200, body: { created: false } })
    expect(accountOf(again).id).toBe(accountOf(first).id)
    const { items } = await clientOf(again).core.sessions.list.query({})
    expect(items.map(({ method }) => method)).toEqual([dialect, dialect])
    const linked = await clientOf(again).core.identities.list.query({})
    expect(linked.items).toMatchObject([{ provider: dialect, email: 'changed@example.com' }])
  })

  test('a verified address joins the account that has it verified too, whose holder is told', async () => {
    const owner = await social.app.as('user')
    const joined = await social.signIn(social.person({ email: owner.email }), dialect)
    expect(joined).toMatchObject({ status: 200, body: { created: false } })
    expect(accountOf(joined).id).toBe(owner.account.id)
    expect(await subjectsFor(social.app, owner.email)).toContain(
      `${dialect === 'google' ? 'Google' : 'GitHub'} was linked to your account`,
    )
  })

  test('an address that the provider has not verified joins no account', async () => {
    const owner = await social.app.as('user')
    const thief = social.person({ email: owner.email, emailVerified: false })
    expect(await social.signIn(thief, dialect)).toMatchObject({ status: 409, code: 'EMAIL_UNVERIFIED' })
    expect((await owner.client.core.identities.list.query({})).items).toEqual([])
  })
})

test('Facebook marks no address as verified: it joins no account, and makes one that has to be verified', async () => {
  const owner = await social.app.as('user')
  const taken = await social.signIn(social.person({ email: owner.email }), 'facebook')
  expect(taken).toMatchObject({ status: 409, code: 'EMAIL_UNVERIFIED' })
  const person = social.person()
  const made = await social.signIn(person, 'facebook')
  expect(accountOf(made)).toMatchObject({ email: person.email, emailVerifiedAt: null })
  expect(await subjectsFor(social.app, person.email ?? '')).toEqual(['Confirm your email address'])
})

test.each<ProviderDialect>(['google', 'github', 'facebook'])(
  'who has no address at %s gives one, and has to verify it',
  async (dialect) => {
    const person = social.person({ email: null })
    const callback = await social.callback(person, { dialect })
    const { state, flowToken } = callback
    const missing = await social.complete(dialect, callback)
    expect(missing).toMatchObject({
      status: 422,
      code: 'EMAIL_MISSING',
      body: { errors: [{ path: 'email' }] },
    })
    const owner = await social.app.as('user')
    expect(await social.complete(dialect, { state, flowToken, email: owner.email })).toMatchObject({
      code: 'EMAIL_TAKEN',
    })
    const other = { state, flowToken, email: `given-${dialect}@example.com` }
    // The code was exchanged once; what is missing goes to us alone.
    const tokensAsked = social.provider.asked.filter((path) => path === '/token').length
    const done = await social.complete(dialect, other)
    expect(done).toMatchObject({ status: 200, body: { created: true } })
    expect(accountOf(done)).toMatchObject({ email: other.email, emailVerifiedAt: null })
    expect(social.provider.asked.filter((path) => path === '/token')).toHaveLength(tokensAsked)
    expect(await social.complete(dialect, other)).toMatchObject({ code: 'STATE_UNKNOWN' })
    expect((await social.signIn(person, dialect)).body).toMatchObject({ created: false })
  },
)

test('an address of a throw-away service makes no account', async () => {
  const person = social.person({ email: 'somebody@mailinator.com' })
  await using strict = await socialApp({ PLINTH_ACCOUNTS_REFUSE_DISPOSABLE: 'true' })
  expect(await strict.signIn(person)).toMatchObject({ status: 422, code: 'EMAIL_DISPOSABLE' })
})

test('an account that somebody registered with an address that is not theirs is not joined by its owner', async () => {
  const person = social.person()
  const attacker = await registered(person.email ?? '')
  expect(await social.signIn(person)).toMatchObject({ status: 409, code: 'ACCOUNT_UNVERIFIED' })
  const { tokens } = await social.app.client.core.sessions.login.mutate(attacker)
  expect(tokens).not.toBeNull()
  expect(
    await read().selectFrom('identities').select('id').where('subject', '=', person.subject).execute(),
  ).toEqual([])
})

test('a reset by mail, which proves the address, unlinks what somebody else may have linked before', async () => {
  const { client } = social.app
  const victim = 'victim@example.com'
  const attacker = social.person({ email: victim })
  await social.signIn(attacker, 'facebook')
  await client.core.passwords.forgot.mutate({ email: victim, by: 'link' })
  await social.app.settle()
  const mail = (await social.app.mails()).find(({ to, text }) => to === victim && text.includes('pls_'))
  const token = /pls_[\w-]+/.exec(mail?.text ?? '')?.[0] ?? ''
  await client.core.passwords.reset.mutate({ token, newPassword: 'an entirely new phrase 9' })
  expect(await social.signIn(attacker, 'facebook')).toMatchObject({ code: 'EMAIL_UNVERIFIED' })
})

test.each(['disabled', 'banned'] as const)('an account that is %s is not signed in to', async (state) => {
  const person = social.person()
  const first = await social.signIn(person)
  const { id } = accountOf(first)
  await social.app.db
    .as<CoreDb>()
    .transaction((trx) => trx.updateTable('users').set({ state }).where('id', '=', id).execute())
  const logins = () => read().selectFrom('logins').select('id').where('user_id', '=', id).execute()
  const before = await logins()
  expect(await social.signIn(person)).toMatchObject({ status: 403, code: `ACCOUNT_${state.toUpperCase()}` })
  expect(await logins()).toEqual(before)
  const entry = await read()
    .selectFrom('audit_log')
    .select(['actor_id', 'outcome'])
    .where('code', '=', `ACCOUNT_${state.toUpperCase()}`)
    .executeTakeFirst()
  expect(entry).toEqual({ actor_id: id, outcome: 'refused' })
})

test('who deleted their account begins anew with the same identity', async () => {
  const person = social.person()
  const first = await social.signIn(person)
  await clientOf(first).core.accounts.delete.mutate()
  const second = await social.signIn(person)
  expect(second).toMatchObject({ status: 200, body: { created: true } })
  expect(accountOf(second).id).not.toBe(accountOf(first).id)
})

test('where a second factor is on, an identity alone signs nobody in', async () => {
  const owner = await withTotp(social.app)
  const person = social.person({ email: owner.email })
  const callback = await social.callback(person)
  const { state, flowToken } = callback
  expect(await social.complete('google', callback)).toMatchObject({ code: 'SECOND_FACTOR_NEEDED' })
  // Not joined yet either.
  expect((await owner.client.core.identities.list.query({})).items).toEqual([])
  const wrong = { state, flowToken, secondFactor: { code: owner.code(40) } }
  expect(await social.complete('google', wrong)).toMatchObject({ code: 'SECOND_FACTOR_INVALID' })
  social.app.clock.advance(30_000)
  const done = await social.complete('google', { state, flowToken, secondFactor: { code: owner.code() } })
  expect(done).toMatchObject({ status: 200 })
  const { items } = await clientOf(done).core.sessions.list.query({})
  expect(items[0]?.method).toBe('google+totp')
})

test('a browser keeps everything in cookies when it asks for that', async () => {
  const person = social.person()
  const begun = await social.app.rest('POST', '/api/v1/auth/social/begin', {
    body: { provider: 'google', transport: 'cookie' },
  })
  const { url, flowToken } = begun.body as { url: string; flowToken: string | null }
  expect(flowToken).toBeNull()
  const [cookie = ''] = begun.headers.getSetCookie()
  expect(cookie).toMatch(/^plinth_flow_[0-9a-f]{16}=plf_.*HttpOnly; SameSite=Lax$/)
  const back = await social.provider.visit(url, person)
  expect(await social.complete('google', back)).toMatchObject({ code: 'STATE_UNKNOWN' })
  const done = await social.complete(
    'google',
    { ...back, transport: 'cookie' },
    { cookie: cookie.split(';')[0] ?? '', origin: PAGE },
  )
  expect(done).toMatchObject({ status: 200, body: { tokens: null } })
  expect(done.headers.getSetCookie().some((each) => /^plinth_flow_\w+=; .*1970/.test(each))).toBe(true)
})

test('the way back leads only to what the server allows', async () => {
  const { begin } = social.app.client.core.identities
  const good = { provider: 'google' as const, redirectUrl: `${PAGE}/sign-in/google/callback` }
  for (const returnTo of ['/orders?page=2', `${PAGE}/orders`]) {
    const { url, state, flowToken } = await begin.mutate({ ...good, returnTo })
    const { code } = await social.provider.visit(url, social.person())
    expect(await social.complete('google', { state, flowToken, code })).toMatchObject({ body: { returnTo } })
  }
  for (const returnTo of [
    'https://evil.example/',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    `${PAGE}@evil.example`,
    `${PAGE}.evil.example/`,
    'orders',
  ])
    await expect(begin.mutate({ ...good, returnTo })).rejects.toMatchObject({
      data: { code: 'REDIRECT_REFUSED', errors: [{ path: 'returnTo' }] },
    })
  for (const redirectUrl of [
    `${PAGE}/sign-in/github/callback`,
    `${PAGE}/sign-in/google/callback/`,
    'https://evil.example/',
  ])
    await expect(begin.mutate({ provider: 'google', redirectUrl })).rejects.toMatchObject({
      data: { code: 'REDIRECT_REFUSED', errors: [{ path: 'redirectUrl' }] },
    })
})

test('the scopes that are asked for are declared, and a provider without an application is off', async () => {
  await using some = await socialApp({ PLINTH_SOCIAL_GITHUB_SCOPES: 'user:email' })
  expect((await some.app.client.core.identities.listProviders.query()).items).toEqual([
    { provider: 'google', scopes: ['openid', 'email', 'profile'] },
    { provider: 'github', scopes: ['user:email'] },
    { provider: 'facebook', scopes: ['email', 'public_profile'] },
  ])
  const { url } = await some.app.client.core.identities.begin.mutate({ provider: 'github' })
  expect(new URL(url).searchParams.get('scope')).toBe('user:email')
})

test('names and addresses that a provider makes up do no harm', async () => {
  const odd: readonly Partial<Person>[] = [
    { name: 'x'.repeat(500) },
    { name: '\u0000\u202e\n ' },
    { email: `${'a'.repeat(300)}@example.com` },
    { email: 'nobody' },
  ]
  const answers = await Promise.all(odd.map((told) => social.signIn(social.person(told))))
  expect(answers.map(({ status, code }) => code ?? status)).toEqual([
    200,
    200,
    'EMAIL_MISSING',
    'EMAIL_MISSING',
  ])
  expect(answers.slice(0, 2).map((answer) => accountOf(answer).name.length <= 100)).toEqual([true, true])
  expect(accountOf(answers[1] as Answered).name).toMatch(/^grace-\d+$/)
})

test('the same address is used up by one account, whichever providers bring it', async () => {
  const email = 'both@example.com'
  const [one, other] = await Promise.all([
    social.signIn(social.person({ email }), 'google'),
    social.signIn(social.person({ email }), 'github'),
  ])
  expect([one.status, other.status]).toEqual([200, 200])
  expect(accountOf(one).id).toBe(accountOf(other).id)
  expect(await usersWith(email)).toBe(1)
})
