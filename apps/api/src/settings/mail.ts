import { z } from 'zod'

const ms = z.int().min(1)
const ADDRESS = /^(?:[^<>@\p{C}]+ )?<?[^\s<>@,;\p{C}]+@[^\s<>@,;\p{C}]+>?$/u

/** Where mails go. */
export const MailSettings = z
  .strictObject({
    transport: z
      .enum(['mailbox', 'smtp'])
      .default('mailbox')
      .describe('mailbox keeps mails in the database and sends none; smtp hands them to mail.url'),
    url: z
      .url({ protocol: /^smtps?$/ })
      .optional()
      .describe('smtp://user:password@host:587, or smtps://...:465 for TLS from the start'),
    from: z
      .string()
      .regex(ADDRESS, 'must be an address, or Name <address>')
      .optional()
      .describe('Who mails are from, such as Shop <no-reply@shop.example>; needed for smtp'),
    tls: z
      .enum(['required', 'offered', 'off'])
      .default('required')
      .describe('smtp: refuses to go on without TLS, takes it where offered, or never asks for it'),
    caFile: z
      .string()
      .optional()
      .describe('PEM file of certificates to trust in the place of the usual ones'),
    pool: z
      .strictObject({
        connections: z.int().min(1).max(100).default(3).describe('Most connections to the mail server'),
        messagesPerConnection: z.int().min(1).default(100).describe('Mails after which one is replaced'),
      })
      .prefault({}),
    connectMs: ms.default(10_000).describe('How long to wait for a connection'),
    greetingMs: ms.default(10_000).describe('How long to wait for the greeting'),
    idleMs: ms.default(30_000).describe('How long a connection may be silent'),
    sendMs: ms.default(60_000).describe('Longest time for one mail'),
  })
  .superRefine(({ transport, url, from }, context) => {
    const fault = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: [path], message })
    if (transport === 'smtp' && url === undefined) fault('url', 'is needed when mail.transport is smtp')
    if (transport === 'smtp' && from === undefined) fault('from', 'is needed when mail.transport is smtp')
    if (transport === 'mailbox' && url !== undefined)
      fault('transport', 'must be smtp for mails to go to mail.url')
  })
  .prefault({})
