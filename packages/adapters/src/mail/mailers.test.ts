import { testDatabase } from '@plinth/db/testing'
import type { KitTables, Mail, Mailer } from '@plinth/kit'
import { headerText, readMessage, testSmtp } from '@plinth/testing/outside'
import { describe, expect, test } from 'vitest'
import { outsideError, testDependency } from '../../test/outside.ts'
import { smtpSettings } from '../../test/smtp.ts'
import { adapterMigrations } from '../migrations.ts'
import { createMailbox } from './mailbox.ts'
import { createSmtp } from './smtp.ts'

/** A mailer with a way to read what it took over. */
interface Subject extends AsyncDisposable {
  readonly mailer: Mailer
  taken(): Promise<Mail[]>
}

const lines = (text: string | undefined) => text?.replaceAll('\r\n', '\n').trimEnd() ?? ''

const mailboxSubject = async (): Promise<Subject> => {
  const db = await testDatabase<KitTables>(adapterMigrations)
  const mailer = createMailbox({ db, clock: { now: () => new Date('2026-11-21T10:00:00.000Z') } })
  return {
    mailer,
    taken: async () =>
      (await mailer.list()).reverse().map(({ id: _id, channel: _channel, sentAt: _sentAt, ...mail }) => mail),
    [Symbol.asyncDispose]: () => db[Symbol.asyncDispose](),
  }
}

const smtpSubject = async (): Promise<Subject> => {
  const server = await testSmtp()
  const settings = { ...smtpSettings, url: `smtp://${server.host}` }
  const mailer = await createSmtp(settings, testDependency('mail'))
  return {
    mailer,
    taken: async () =>
      server.received.map(({ to, raw }) => {
        const { headers, parts } = readMessage(raw)
        const [text, html] = parts
        return {
          to: to.join(', '),
          subject: headerText(headers.subject),
          text: lines(text?.body),
          ...(html && { html: lines(html.body) }),
        }
      }),
    [Symbol.asyncDispose]: async () => {
      mailer.close()
      await server[Symbol.asyncDispose]()
    },
  }
}

const mail: Mail = { to: 'ada@example.com', subject: 'Hello', text: 'A line' }

describe.each([
  ['mailbox', mailboxSubject],
  ['smtp', smtpSubject],
])('the mailer %s', (_name, setUp) => {
  test('hands over a mail as it is: any script, long lines, dots, both forms', async () => {
    await using subject = await setUp()
    const full = {
      to: 'ada@example.com',
      subject: 'Grüße, ваш заказ 注文 👋 and a subject that is longer than one header line may be by far',
      text: `Grüße 👋\n.\n..a line of dots\nFrom here\n${'long words '.repeat(300)}end\n\n=3D is no code`,
      html: `<p>Grüße 👋</p><p>${'x'.repeat(3000)}</p>`,
    }
    await subject.mailer.send(full)
    expect(await subject.taken()).toEqual([full])
  })
  test('hands over mails in their order, without html where there is none', async () => {
    await using subject = await setUp()
    for (const count of [1, 2, 3]) await subject.mailer.send({ ...mail, text: `mail ${count}` })
    expect(await subject.taken()).toEqual([1, 2, 3].map((count) => ({ ...mail, text: `mail ${count}` })))
  })
  test('lets no subject begin another header', async () => {
    await using subject = await setUp()
    const evil = 'Hello\r\nBcc: eve@example.com\r\n\r\nOther text\u2028\u0000'
    await subject.mailer.send({ ...mail, subject: evil })
    expect(await subject.taken()).toEqual([{ ...mail, subject: 'Hello Bcc: eve@example.com Other text' }])
  })
  test('refuses for good what is not one address', async () => {
    await using subject = await setUp()
    const wrong = [
      'ada@example.com, eve@example.com',
      'ada@example.com\r\nBcc: eve@example.com',
      'Ada <ada@example.com>',
      'ada@example.com>\r\nRCPT TO:<eve@example.com',
      'team: ada@example.com;',
      '"ada, eve"@example.com',
      'ada@example.com (eve@example.com)',
      `${'a'.repeat(250)}@example.com`,
      'ada',
      '',
    ]
    for (const to of wrong)
      expect(await outsideError(subject.mailer.send({ ...mail, to }))).toMatchObject({
        kind: 'refused',
        permanent: true,
      })
    expect(await subject.taken()).toEqual([])
  })
})
