import { testDatabase } from '@plinth/db/testing'
import type { KitTables, Sms, SmsSender } from '@plinth/kit'
import { testSmsGateway } from '@plinth/testing/outside'
import { describe, expect, test } from 'vitest'
import { outsideError, testDependency } from '../../test/outside.ts'
import { createMailbox } from '../mail/mailbox.ts'
import { adapterMigrations } from '../migrations.ts'
import { createSmsGateway } from './http-gateway.ts'
import { createSmsBox } from './sms-box.ts'

/** A sender with a way to read what it took over. */
interface Subject extends AsyncDisposable {
  readonly sender: SmsSender
  taken(): Promise<Sms[]>
}

const boxSubject = async (): Promise<Subject> => {
  const db = await testDatabase<KitTables>(adapterMigrations)
  const deps = { db, clock: { now: () => new Date('2026-11-21T10:00:00.000Z') } }
  return {
    sender: createSmsBox(deps),
    taken: async () => (await createMailbox(deps).list()).reverse().map(({ to, text }) => ({ to, text })),
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  }
}

const gatewaySubject = async (): Promise<Subject> => {
  const gateway = await testSmsGateway()
  const fields = { to: 'to', text: 'text', from: 'from' }
  const settings = { url: gateway.url, token: 'gateway-token', fields, extra: {} }
  return {
    sender: createSmsGateway(settings, testDependency('sms')),
    taken: async () => gateway.received.map(({ to, text }) => ({ to: String(to), text: String(text) })),
    [Symbol.asyncDispose]: () => gateway[Symbol.asyncDispose](),
  }
}

const sms: Sms = { to: '+4930123456', text: 'A line' }

describe.each([
  ['mailbox', boxSubject],
  ['gateway', gatewaySubject],
])('the sender %s', (_name, setUp) => {
  test('hands over messages as they are, in any script and in their order', async () => {
    await using subject = await setUp()
    const texts = ['Grüße 👋', 'ваш код 123456', '確認コード 123456', '"quoted" \\ and {braces}']
    for (const text of texts) await subject.sender.send({ ...sms, text })
    expect(await subject.taken()).toEqual(texts.map((text) => ({ ...sms, text })))
  })
  test('lets no text begin another line or hold control characters', async () => {
    await using subject = await setUp()
    await subject.sender.send({ ...sms, text: 'one\r\ntwo\u2028three\u0000' })
    expect(await subject.taken()).toEqual([{ ...sms, text: 'one two three' }])
  })
  test('refuses for good what is not one number, and a text that is too long', async () => {
    await using subject = await setUp()
    const wrong = [
      '030123456',
      '+0301234567',
      '+49 30 123456',
      '+4930123456,+4930123457',
      'ada@example.com',
      '+',
      '',
    ]
    const refused = { kind: 'refused', permanent: true }
    for (const to of wrong)
      expect(await outsideError(subject.sender.send({ ...sms, to }))).toMatchObject(refused)
    const long = subject.sender.send({ ...sms, text: 'x'.repeat(671) })
    expect(await outsideError(long)).toMatchObject(refused)
    expect(await subject.taken()).toEqual([])
  })
})
