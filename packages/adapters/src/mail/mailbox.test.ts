import { testDatabase } from '@plinth/db/testing'
import type { KitTables } from '@plinth/kit'
import { expect, test } from 'vitest'
import { adapterMigrations } from '../migrations.ts'
import { createMailbox } from './mailbox.ts'

const clock = { now: () => new Date('2026-11-21T10:00:00.000Z') }
const mail = (subject: string, to = 'ada@example.com') => ({ to, subject, text: `about ${subject}` })

test('mails are listed newest first, page by page and by address, also within one millisecond', async () => {
  await using db = await testDatabase<KitTables>(adapterMigrations)
  const mailbox = createMailbox({ db, clock })
  for (const subject of ['one', 'two', 'three']) await mailbox.send(mail(subject))
  await mailbox.send(mail('other', 'bob@example.com'))
  const subjects = async (options: Parameters<typeof mailbox.list>[0]) =>
    (await mailbox.list(options)).map(({ subject }) => subject)
  expect(await subjects(undefined)).toEqual(['other', 'three', 'two', 'one'])
  expect(await subjects({ to: 'ada@example.com', limit: 2 })).toEqual(['three', 'two'])
  const [, second] = await mailbox.list()
  expect(await subjects({ before: second?.id ?? '' })).toEqual(['two', 'one'])
})

test('a mail is read back as it was handed over', async () => {
  await using db = await testDatabase<KitTables>(adapterMigrations)
  const mailbox = createMailbox({ db, clock })
  await mailbox.send({ ...mail('Grüße 👋'), html: '<p>hi</p>' })
  const [listed] = await mailbox.list()
  const sentAt = '2026-11-21T10:00:00.000Z'
  expect(listed).toMatchObject({ ...mail('Grüße 👋'), html: '<p>hi</p>', sentAt })
  expect(await mailbox.get(listed?.id ?? '')).toEqual(listed)
  expect(await mailbox.get('unknown')).toBeNull()
})

test('only the newest mails are kept', async () => {
  await using db = await testDatabase<KitTables>(adapterMigrations)
  const mailbox = createMailbox({ db, clock, keep: 2 })
  for (const subject of ['one', 'two', 'three']) await mailbox.send(mail(subject))
  expect((await mailbox.list()).map(({ subject }) => subject)).toEqual(['three', 'two'])
})
