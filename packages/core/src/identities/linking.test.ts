import type { TestActor } from '@plinth/testing'
import { testAuthenticator } from '@plinth/testing/outside'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { subjectsFor, tally } from '../../test/factors.ts'
import { PAGE, type SocialApp, socialApp } from '../../test/social.ts'
import type { CoreDb } from '../db.ts'

const PARALLEL = 50

let social: SocialApp
beforeAll(async () => {
  social = await socialApp()
})
afterAll(() => social[Symbol.asyncDispose]())

const read = () => social.app.db.as<CoreDb>().read
const linked = async ({ client }: TestActor) => (await client.core.identities.list.query({})).items
const linkNew = async (of: TestActor, person = social.person()) => {
  const { body } = await social.link(of, 'google', await social.callback(person, { of }))
  return body.identity as { id: string }
}
const unlink = async ({ accessToken }: { accessToken: string }, id: string) => {
  const { status, body } = await social.app.rest('DELETE', `/api/v1/user/identities/${id}`, {
    token: accessToken,
  })
  const { code } = body as { code?: string }
  return code ?? status
}

/** Somebody who can sign in with one identity and nothing else. */
const withoutPassword = async () => {
  const person = social.person()
  const { body } = await social.signIn(person)
  const { accessToken } = body.tokens as { accessToken: string }
  const client = social.app.clientWith({ authorization: `Bearer ${accessToken}` })
  const account = body.account as TestActor['account']
  const actor: TestActor = {
    client,
    account,
    accessToken,
    refreshToken: '',
    email: account.email,
    password: '',
  }
  return { actor, person }
}

test('several identities are linked to one account, sign in to it, and are unlinked again', async () => {
  const owner = await social.app.as('user')
  for (const dialect of ['google', 'github', 'facebook'] as const) {
    // Whatever address it has: who links has shown that both are theirs.
    const person = social.person({ emailVerified: false })
    const answer = await social.link(owner, dialect, await social.callback(person, { dialect, of: owner }))
    expect(answer).toMatchObject({ status: 200, body: { identity: { provider: dialect, lastUsedAt: null } } })
    const signedIn = await social.signIn(person, dialect)
    expect(signedIn.body).toMatchObject({ account: { id: owner.account.id }, created: false })
  }
  const items = await linked(owner)
  expect(items.map(({ provider }) => provider)).toEqual(['facebook', 'github', 'google'])
  for (const { id } of items) expect(await unlink(owner, id)).toBe(200)
  expect(await linked(owner)).toEqual([])
  const subjects = await subjectsFor(social.app, owner.email)
  expect(subjects).toContain('Facebook was linked to your account')
  expect(subjects).toContain('Facebook was unlinked from your account')
})

test('an identity belongs to one account: linked to another it is refused, and twice it is told', async () => {
  const [owner, other] = [await social.app.as('user'), await social.app.as('user')]
  const person = social.person()
  await linkNew(owner, person)
  expect(await social.link(other, 'google', await social.callback(person, { of: other }))).toMatchObject({
    status: 409,
    code: 'IDENTITY_TAKEN',
  })
  expect(await social.link(owner, 'google', await social.callback(person, { of: owner }))).toMatchObject({
    status: 409,
    code: 'ALREADY_LINKED',
  })
  expect(await linked(other)).toEqual([])
  expect(await linked(owner)).toHaveLength(1)
})

test('an identity of somebody else is neither seen nor unlinked', async () => {
  const [owner, other] = [await social.app.as('user'), await social.app.as('user')]
  const { id } = await linkNew(owner)
  expect(await unlink(other, id)).toBe('NOT_FOUND')
  expect(await linked(owner)).toHaveLength(1)
})

test('what one account began to link is completed by no other one, and signs nobody in', async () => {
  const [owner, other] = [await social.app.as('user'), await social.app.as('user')]
  const callback = await social.callback(social.person(), { of: owner })
  expect(await social.link(other, 'google', callback)).toMatchObject({ code: 'STATE_UNKNOWN' })
  expect(await social.complete('google', callback)).toMatchObject({ code: 'STATE_UNKNOWN' })
  expect(await social.link(owner, 'google', callback)).toMatchObject({ status: 200 })
  const toSignIn = await social.callback(social.person())
  expect(await social.link(owner, 'google', toSignIn)).toMatchObject({ code: 'STATE_UNKNOWN' })
})

test('only who has just proved who they are links or unlinks', async () => {
  const owner = await social.app.as('user')
  const { id } = await linkNew(owner)
  const login = read().selectFrom('logins').select('id').where('user_id', '=', owner.account.id)
  await social.app.db.as<CoreDb>().transaction((trx) =>
    trx
      .updateTable('logins')
      .set({ proven_at: new Date(social.app.clock.now().getTime() - 3_600_000).toISOString() })
      .where('id', 'in', login)
      .execute(),
  )
  expect(await unlink(owner, id)).toBe('FRESH_SIGN_IN_NEEDED')
  await expect(owner.client.core.identities.beginLink.mutate({ provider: 'google' })).rejects.toMatchObject({
    data: { code: 'FRESH_SIGN_IN_NEEDED' },
  })
})

test('an account holds no more identities than it may', async () => {
  await using small = await socialApp({ PLINTH_SOCIAL_MOST: '2' })
  const owner = await small.app.as('user')
  const link = async () =>
    small.link(owner, 'google', await small.callback(small.person(), { of: owner })).then(({ code }) => code)
  expect([await link(), await link(), await link()]).toEqual([null, null, 'IDENTITIES_FULL'])
})

test('the last way to sign in can not be removed; a password or a passkey is one too', async () => {
  const { actor } = await withoutPassword()
  const [only] = await linked(actor)
  expect(await unlink(actor, only?.id ?? '')).toBe('LAST_WAY_IN')
  expect(await linked(actor)).toHaveLength(1)
  const { passkeys } = actor.client.core
  const authenticator = testAuthenticator({ origin: PAGE })
  const passkey = await passkeys.register.mutate({
    credential: authenticator.create(await passkeys.registrationOptions.mutate()),
  })
  expect(await unlink(actor, only?.id ?? '')).toBe(200)
  await expect(passkeys.delete.mutate({ id: passkey.id })).rejects.toMatchObject({
    data: { code: 'LAST_WAY_IN' },
  })
})

test('of two who unlink the last two identities at the same time, one is refused', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { actor } = await withoutPassword()
    await linkNew(actor)
    const items = await linked(actor)
    expect(items).toHaveLength(2)
    const answers = await Promise.all(items.map(({ id }) => unlink(actor, id)))
    expect(answers.toSorted((one, other) => String(one).localeCompare(String(other)))).toEqual([
      200,
      'LAST_WAY_IN',
    ])
    expect(await linked(actor)).toHaveLength(1)
  }
})

test('50 accounts that link one identity at the same time: one gets it', async () => {
  const person = social.person()
  const accounts = await Promise.all(Array.from({ length: PARALLEL }, () => social.app.as('user')))
  const callbacks = await Promise.all(accounts.map((of) => social.callback(person, { of })))
  const answers = await Promise.all(
    accounts.map((of, index) => social.link(of, 'google', callbacks[index] ?? {})),
  )
  expect(tally(answers.map(({ code }) => code))).toEqual({ done: 1, IDENTITY_TAKEN: PARALLEL - 1 })
  const owners = await read()
    .selectFrom('identities')
    .select('user_id')
    .where('subject', '=', person.subject)
    .execute()
  expect(owners).toHaveLength(1)
  const winner = answers.findIndex(({ code }) => code === null)
  expect(owners[0]?.user_id).toBe(accounts[winner]?.account.id)
})

test('50 sign-ins of somebody new at the same time make one account', async () => {
  const person = social.person()
  const callbacks = await Promise.all(Array.from({ length: PARALLEL }, () => social.callback(person)))
  const answers = await Promise.all(callbacks.map((callback) => social.complete('google', callback)))
  expect(tally(answers.map(({ code }) => code))).toEqual({ done: PARALLEL })
  expect(answers.filter(({ body }) => body.created === true)).toHaveLength(1)
  expect(new Set(answers.map(({ body }) => (body.account as { id: string }).id)).size).toBe(1)
})
