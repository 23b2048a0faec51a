import { readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import type { Mailbox } from '@plinth/adapters'
import type { ContractRecord } from '@plinth/contract'
import { common } from '@plinth/kit'
import type { Hono } from 'hono'
import type { NodeBindings } from '../http/exchange.ts'
import { type Send, sendProblem } from '../http/send.ts'
import { DOCS_POLICY, docsPage, errorsPage } from '../pages/docs.ts'
import { mailboxPage, mailPage } from '../pages/mailbox.ts'
import { PAGE_POLICY } from '../pages/page.ts'
import { verifyEmailPage, verifyEmailScript } from '../pages/verify-email.ts'
import type { HonoContext, Open } from './open.ts'

type Content = string | Promise<string>

interface PageDeps {
  readonly contract: ContractRecord
  /** Shown under /mailbox; null where mails are really sent, or must not be read. */
  readonly mailbox: Mailbox | null
  /** The OpenAPI document, encoded. */
  readonly document: () => Promise<string>
  readonly open: Open
  readonly send: Send
}

const SCRIPT = 'text/javascript; charset=utf-8'
const HTML = 'text/html; charset=utf-8'

const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined
  return () => {
    made ??= make()
    return made
  }
}

const readScalar = once(() => {
  const path = fileURLToPath(import.meta.resolve('@scalar/api-reference'))
  return readFile(path.replace(/dist\/.*$/, 'dist/browser/standalone.js'), 'utf8')
})

/** Mounts what people look at: the reference, the error codes, the document, and in development the mailbox. */
export const mountPages = (app: Hono<{ Bindings: NodeBindings }>, deps: PageDeps): void => {
  const { send, open, mailbox, document, contract } = deps
  const show = async (
    context: HonoContext,
    type: string,
    policy: string,
    content: Content | Promise<Content | null>,
  ) => {
    const exchange = open(context)
    const body = await content
    if (body === null) return sendProblem(send, exchange, common('NOT_FOUND'))
    return send(exchange, {
      status: 200,
      type,
      body: String(body),
      headers: { 'content-security-policy': policy },
    })
  }
  app.get('/', (context) => context.redirect('/docs'))
  app.get('/openapi.json', (context) => show(context, 'application/json', PAGE_POLICY, document()))
  app.get('/docs', (context) => show(context, HTML, DOCS_POLICY, docsPage()))
  app.get('/docs/scalar.js', (context) => show(context, SCRIPT, DOCS_POLICY, readScalar()))
  app.get('/docs/errors', (context) => show(context, HTML, PAGE_POLICY, errorsPage(contract)))
  app.get('/verify-email.js', (context) => show(context, SCRIPT, PAGE_POLICY, verifyEmailScript))
  app.get('/verify-email', (context) =>
    show(context, HTML, PAGE_POLICY, verifyEmailPage(context.req.query('token') ?? '')),
  )
  if (!mailbox) return
  app.get('/mailbox', (context) => show(context, HTML, PAGE_POLICY, mailboxPage(mailbox)))
  app.get('/mailbox/:id', (context) =>
    show(context, HTML, PAGE_POLICY, mailPage(mailbox, context.req.param('id'))),
  )
}
