import { testApp } from '@plinth/testing'
import { expect, test } from 'vitest'
import { WEBHOOK_ENV } from '../../test/webhooks.ts'

const URL = 'https://receiver.example/hooks'
const code = (expected: string) => ({ data: { code: expected } })

test('a webhook is created, read, listed, changed and deleted; its secret is shown when it is made alone', async () => {
  await using app = await testApp()
  const { client } = await app.as('admin')
  const { webhooks, auditEntries } = client.core
  const { secret, ...made } = await webhooks.create.mutate({ url: URL, events: ['accounts.registered'] })
  expect(secret).toMatch(/^whsec_[A-Za-z\d+/]{43}=$/)
  expect(made).toMatchObject({
    url: URL,
    description: '',
    enabled: true,
    disabledAt: null,
    failingSince: null,
  })
  expect(await webhooks.get.query({ id: made.id })).toEqual(made)
  expect(await webhooks.list.query({})).toEqual({ items: [made], nextCursor: null })
  app.clock.advance(1000)
  const changed = await webhooks.update.mutate({ id: made.id, description: 'Shop', events: ['*'] })
  expect(changed).toEqual({
    ...made,
    description: 'Shop',
    events: ['*'],
    updatedAt: app.clock.now().toISOString(),
  })
  expect(await webhooks.delete.mutate({ id: made.id })).toMatchObject({ id: made.id })
  for (const call of [
    () => webhooks.get.query({ id: made.id }),
    () => webhooks.update.mutate({ id: made.id, enabled: true }),
    () => webhooks.delete.mutate({ id: made.id }),
    () => webhooks.rotateSecret.mutate({ id: made.id }),
    () => webhooks.test.mutate({ id: made.id }),
  ])
    await expect(call()).rejects.toMatchObject(code('NOT_FOUND'))
  const { items } = await auditEntries.list.query({ action: 'core.webhooks.delete' })
  expect(items.map(({ target, outcome }) => [target, outcome])).toContainEqual([made.id, 'done'])
})

test('an address inside, or one that is not https, is refused with the reason', async () => {
  await using app = await testApp()
  const { client } = await app.as('admin')
  const { id } = await client.core.webhooks.create.mutate({ url: URL, events: ['*'] })
  const cases = [
    ['http://receiver.example/', 'must be https'],
    ['https://127.1/', 'leads to an address that is not public'],
    ['https://[::ffff:169.254.169.254]/latest/meta-data', 'leads to an address that is not public'],
    ['https://user:pass@receiver.example/', 'must not hold a user or password'],
    ['https://receiver.example:6/', 'must not name the port 6'],
  ] as const
  for (const [url, message] of cases) {
    const refused = { data: { code: 'URL_REFUSED', errors: [{ path: 'url', message }] } }
    await expect(client.core.webhooks.create.mutate({ url, events: ['*'] })).rejects.toMatchObject(refused)
    await expect(client.core.webhooks.update.mutate({ id, url })).rejects.toMatchObject(refused)
  }
  for (const url of ['ftp://receiver.example/', 'receiver.example', 'javascript:alert(1)'])
    await expect(client.core.webhooks.create.mutate({ url, events: ['*'] })).rejects.toMatchObject(
      code('INVALID_INPUT'),
    )
})

test('an event that is not public can not be asked for', async () => {
  await using app = await testApp()
  const { accessToken } = await app.as('admin')
  for (const events of [['accounts.verificationRequested'], ['orders.*'], []]) {
    const answer = await app.rest('POST', '/api/v1/webhooks', {
      token: accessToken,
      body: { url: URL, events },
    })
    expect([answer.status, answer.body]).toMatchObject([422, { code: 'INVALID_INPUT' }])
  }
})

test('there are no more webhooks than the settings allow, however many are created at once', async () => {
  await using app = await testApp({ env: { PLINTH_WEBHOOKS_MOST: '3' } })
  const { client } = await app.as('admin')
  const settled = await Promise.allSettled(
    Array.from({ length: 8 }, () => client.core.webhooks.create.mutate({ url: URL, events: ['*'] })),
  )
  expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(3)
  for (const each of settled)
    if (each.status === 'rejected') expect(each.reason).toMatchObject(code('WEBHOOKS_FULL'))
})

test('an address is normalised, so that what is shown is what is called', async () => {
  await using app = await testApp({ env: WEBHOOK_ENV })
  const { client } = await app.as('admin')
  const { url } = await client.core.webhooks.create.mutate({
    url: 'http://0x7f.1:8080/a/../b',
    events: ['*'],
  })
  expect(url).toBe('http://127.0.0.1:8080/b')
})
