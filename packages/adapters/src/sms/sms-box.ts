import type { SmsSender } from '@plinth/kit'
import { keepMessage, type MailboxDeps } from '../mail/keep-message.ts'
import { asShortMessage } from './short-message.ts'

/** Keeps short messages in the mailbox in place of sending them, so that they can be read there. */
export const createSmsBox = (deps: MailboxDeps): SmsSender => ({
  async send(sms) {
    const { to, text } = asShortMessage(sms)
    await keepMessage(deps, { channel: 'sms', recipient: to, subject: '', text, html: null })
  },
})
