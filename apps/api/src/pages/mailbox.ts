import type { Mailbox } from '@plinth/adapters'
import { html } from 'hono/html'
import { page } from './page.ts'

/** The list of mails that would have been sent, newest first. */
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
            <td><a href="/mailbox/${mail.id}">${mail.subject}</a></td>
          </tr>`,
        )}
      </tbody>
    </table>`,
  )
}

/** One mail as text; null when there is none with this id. */
export const mailPage = async (mailbox: Mailbox, id: string) => {
  const mail = await mailbox.get(id)
  if (!mail) return null
  return page(
    mail.subject,
    html`<p>To ${mail.to}, ${mail.sentAt}</p>
      <pre>${mail.text}</pre>
      <p><a href="/mailbox">All mails</a></p>`,
  )
}
