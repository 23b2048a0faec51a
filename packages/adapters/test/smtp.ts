import type { SmtpSettings } from '../src/mail/smtp.ts'

/** How the tests of mail send it, but for where to. */
export const smtpSettings: Omit<SmtpSettings, 'url'> = {
  from: 'Plinth <no-reply@plinth.example>',
  tls: 'offered',
  connections: 1,
  messagesPerConnection: 100,
  connectMs: 2000,
  greetingMs: 2000,
  idleMs: 5000,
}
