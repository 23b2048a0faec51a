import type { TestApp } from '../test-app.ts'

/**
 * The newest mail to an address, once all that is due was sent. Time goes on a little first: the mailbox keeps so many
 * messages, and of those of one moment it can't tell the newest.
 */
export const newestMail = async (app: TestApp, to: string) => {
  app.clock.advance(1)
  await app.settle()
  const [mail] = await app.composed.mailbox.list({ to, limit: 1 })
  return mail
}
