import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Mailbox } from '@plinth/adapters'
import type { ContractRecord } from '@plinth/contract'
import { common, lazily } from '@plinth/kit'
import type { Hono } from 'hono'
import type { HtmlEscapedString } from 'hono/utils/html'
import { toResponse } from '../http/reply.ts'
import { type Send, sendProblem } from '../http/send.ts'
import { DOCS_POLICY, docsPage, errorsPage } from '../pages/docs.ts'
import { mailboxPage, mailPage } from '../pages/mailbox.ts'
import { PAGE_POLICY } from '../pages/page.ts'
import { resetPasswordPage, resetPasswordScript } from '../pages/reset-password.ts'
import { verifyEmailPage, verifyEmailScript } from '../pages/verify-email.ts'
import type { Bindings, HonoContext } from './direct.ts'

type Html = HtmlEscapedString | Promise<HtmlEscapedString>
type Content = string | Html | Promise<string | HtmlEscapedString | null>

interface PageDeps {
  readonly contract: ContractRecord
  /** Shown under /mailbox; null where mails are really sent, or must not be read. */
  readonly mailbox: Mailbox | null
  /** The OpenAPI document, encoded. */
  readonly document: () => Promise<string>
  readonly send: Send
  /** Path that robots.txt forbids and nothing leads to; null: none. */
  readonly trap: string | null
}

const SCRIPT = 'text/javascript; charset=utf-8'
/** Where links to set a new password lead, and to whose route that is. */
const RESETS = [
  ['/reset-password', 'v1/users'],
  ['/organizer/reset-password', 'organizer'],
  ['/merchant/reset-password', 'merchant'],
] as const

const HTML = 'text/html; charset=utf-8'
const TEXT = 'text/plain; charset=utf-8'

/** What crawlers are asked to leave alone; who asks for the trap all the same has read this and does not care, or guesses. */
const robots = (trap: string | null): string =>
  [
    'User-agent: *',
    'Disallow: /api/',
    'Disallow: /trpc/',
    ...(trap === null ? [] : [`Disallow: ${trap}`]),
    '',
  ].join('\n')

const readScalar = lazily(() => {
  const path = fileURLToPath(import.meta.resolve('@scalar/api-reference'))
  return readFile(path.replace(/dist\/.*$/, 'dist/browser/standalone.js'), 'utf8')
})

/** Mounts what people look at: the reference, the error codes, the document, and in development the mailbox. */
export const mountPages = (app: Hono<{ Bindings: Bindings }>, deps: PageDeps): void => {
  const { send, mailbox, document, contract } = deps
  const mount = (path: string, type: string, policy: string, make: (context: HonoContext) => Content) =>
    app.get(path, async (context) => {
      const { exchange } = context.env
      const body = await make(context)
      if (body === null) return toResponse(await sendProblem(send, exchange, common('NOT_FOUND')))
      const headers = { 'content-security-policy': policy }
      return toResponse(await send(exchange, { status: 200, type, body: String(body), headers }))
    })
  app.get('/', async ({ env: { exchange } }) =>
    toResponse(await send(exchange, { status: 302, type: TEXT, body: null, headers: { location: '/docs' } })),
  )
  mount('/robots.txt', TEXT, PAGE_POLICY, () => robots(deps.trap))
  mount('/openapi.json', 'application/json', PAGE_POLICY, document)
  mount('/docs', HTML, DOCS_POLICY, docsPage)
  mount('/docs/scalar.js', SCRIPT, DOCS_POLICY, readScalar)
  mount('/docs/errors', HTML, PAGE_POLICY, () => errorsPage(contract))
  mount('/verify-email.js', SCRIPT, PAGE_POLICY, () => verifyEmailScript)
  mount('/verify-email', HTML, PAGE_POLICY, (context) => verifyEmailPage(context.req.query('token') ?? ''))
  mount('/reset-password.js', SCRIPT, PAGE_POLICY, () => resetPasswordScript)
  for (const [path, who] of RESETS)
    mount(path, HTML, PAGE_POLICY, (context) =>
      resetPasswordPage(context.req.query('token') ?? '', `/api/${who}/reset-password`),
    )
  if (!mailbox) return
  mount('/mailbox', HTML, PAGE_POLICY, () => mailboxPage(mailbox))
  mount('/mailbox/:id', HTML, PAGE_POLICY, (context) => mailPage(mailbox, context.req.param('id') ?? ''))
}
