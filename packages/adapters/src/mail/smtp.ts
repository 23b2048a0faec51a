import { type Dependency, type Mailer, OutsideError } from '@plinth/kit'
import type { NodemailerError } from 'nodemailer'
import { asLetter } from './letter.ts'

/** How mail is handed to a server. Times are milliseconds. */
export interface SmtpSettings {
  /** `smtp://user:password@host:port`, or `smtps:` for TLS from the start. */
  readonly url: string
  /** Who sends: an address, or `Name <address>`. */
  readonly from: string
  /** What smtp: does: never goes on without TLS, takes it where it is offered, or never asks for it. */
  readonly tls: 'required' | 'offered' | 'off'
  /** Certificates to trust beside or in the place of the usual ones, as PEM. */
  readonly ca?: string | undefined
  readonly connections: number
  readonly messagesPerConnection: number
  readonly connectMs: number
  readonly greetingMs: number
  readonly idleMs: number
}

/** A mailer that holds connections. */
export interface SmtpMailer extends Mailer {
  /** Ends the connections. */
  close(): void
}

const connectionOf = ({ url, tls }: SmtpSettings) => {
  const { protocol, hostname, port, username, password } = new URL(url)
  const secure = protocol === 'smtps:'
  return {
    host: hostname.replaceAll(/^\[|\]$/g, ''),
    port: Number(port) || (secure ? 465 : 587),
    secure,
    requireTLS: tls === 'required',
    ignoreTLS: tls === 'off',
    ...(username !== '' && {
      auth: { user: decodeURIComponent(username), pass: decodeURIComponent(password) },
    }),
  }
}

// 421 says that the server is closing, whatever it was asked (RFC 5321, section 3.8).
const isRefusal = ({ code, responseCode }: NodemailerError): boolean =>
  (code === 'EENVELOPE' || code === 'EMESSAGE') && responseCode !== undefined && responseCode !== 421

/** What the server declined for this one mail. That it declines the sender is for the operator to mend: no mail is lost by it. */
const asRefusal = (error: NodemailerError): unknown => {
  if (!isRefusal(error)) return error
  const permanent = error.permanent === true && error.command !== 'MAIL FROM'
  return new OutsideError('mail', 'refused', { permanent, cause: error })
}

/**
 * Hands mail to an SMTP server over a few kept connections. A mail is tried once: whether one was taken over when the
 * connection broke can't be known, so that is for the job to try again. The library is loaded here.
 */
export const createSmtp = async (settings: SmtpSettings, dependency: Dependency): Promise<SmtpMailer> => {
  const { createTransport } = await import('nodemailer')
  const { from, ca, connections, messagesPerConnection, connectMs, greetingMs, idleMs } = settings
  const transport = createTransport({
    ...connectionOf(settings),
    pool: true,
    maxConnections: connections,
    maxMessages: messagesPerConnection,
    maxRequeues: 0,
    connectionTimeout: connectMs,
    dnsTimeout: connectMs,
    greetingTimeout: greetingMs,
    socketTimeout: idleMs,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(ca !== undefined && { tls: { ca } }),
  })
  return {
    async send(mail) {
      const { to, subject, text, html } = asLetter(mail)
      await dependency.call(async (signal) => {
        try {
          await transport.sendMail({
            from,
            // Never parsed as a list: a comma in an address must not make a second recipient.
            to: { name: '', address: to },
            subject,
            text,
            ...(html !== undefined && { html }),
            signal,
          })
        } catch (error) {
          throw asRefusal(error as NodemailerError)
        }
      })
    },
    close: () => transport.close({ force: true }),
  }
}
