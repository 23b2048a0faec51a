import type { Mailbox, StoredMail } from '@plinth/adapters'
import { html } from 'hono/html'
import { page } from './page.ts'

/** What stands for a message in the list: a short message has no subject, and its text is short. */
const titleOf = ({ channel, subject, text }: StoredMail): string =>
  channel === 'sms' ? `SMS: ${text.slice(0, 80)}` : subject

/** The list of mails and short messages that would have been sent, newest first. */
export const mailboxPage = async (mailbox: Mailbox) => {
  const mails = await mailbox.list({ limit: 100 })
  if (mails.length === 0)
    return page('Mailbox', html`<p>No mail yet: register an account and look again.</p>`)
  return page(
    'Mailbox',
    html`<table>
      <thead><tr><th>Sent</th><th>To</th><th>Subject</th></tr></thead>
      <tbody>
        ${mails.map(
          (mail) => html`<tr>
            <td>${mail.sentAt}</td>
            <td>${mail.to}</td>
            <td><a href="/mailbox/${mail.id}">${titleOf(mail)}</a></td>
          </tr>`,
        )}
      </tbody>
    </table>`,
  )
}

/** One message as text; null when there is none with this id. */
export const mailPage = async (mailbox: Mailbox, id: string) => {
  const mail = await mailbox.get(id)
  if (!mail) return null
  return page(
    titleOf(mail),
    html`<p>To ${mail.to}, ${mail.sentAt}</p>
      <pre>${mail.text}</pre>
      <p><a href="/mailbox">All mails</a></p>`,
  )
}
