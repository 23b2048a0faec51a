import type { FileTicket, FolderFiles } from '@plinth/adapters'
import { common, contentDisposition, type StoredFile, toProblem } from '@plinth/kit'
import type { Hono } from 'hono'
import type { HttpExchange } from '../http/exchange.ts'
import { readRange } from '../http/range.ts'
import { toResponse } from '../http/reply.ts'
import { type Send, sendProblem } from '../http/send.ts'
import type { Bindings } from './direct.ts'

interface FilesDeps {
  readonly folder: FolderFiles
  readonly send: Send
}

interface Found {
  readonly stored: StoredFile
  readonly ticket: FileTicket
}

const etagOf = ({ sha256 }: StoredFile): string => `"${sha256.slice(0, 32)}"`

/** The part that was asked for; the whole where it was asked for on the condition that the file is another one. */
const rangeOf = (exchange: HttpExchange, size: number, etag: string) => {
  const condition = exchange.header('if-range')
  return condition === undefined || condition === etag ? readRange(exchange.header('range'), size) : null
}

const headersOf = ({ stored, ticket }: Found) => ({
  'accept-ranges': 'bytes',
  'content-disposition': contentDisposition(stored.contentType, ticket),
  // Whoever has the address may show the file in a page of their own; a file never runs anything here.
  'cross-origin-resource-policy': 'cross-origin',
  'content-security-policy':
    "default-src 'none'; object-src 'none'; base-uri 'none'; sandbox; frame-ancestors 'none'",
})

/** Mounts the signed addresses of a folder: whole files or parts of them, to whoever has the address. */
export const mountFiles = (app: Hono<{ Bindings: Bindings }>, { folder, send }: FilesDeps): void => {
  const notFound = (exchange: HttpExchange) => sendProblem(send, exchange, common('NOT_FOUND'))

  const outOfRange = (exchange: HttpExchange, size: number) => {
    const status = 416
    const problem = {
      ...toProblem(common('MALFORMED_REQUEST'), exchange.requestId),
      type: 'about:blank',
      status,
      title: 'Range not satisfiable',
      detail: `The file ends after ${size} bytes: ask for a part of it.`,
      code: 'RANGE_NOT_SATISFIABLE',
    }
    const headers = { 'content-range': `bytes */${size}` }
    return send(exchange, {
      status,
      type: 'application/problem+json',
      body: JSON.stringify(problem),
      headers,
    })
  }

  const give = async (exchange: HttpExchange, found: Found) => {
    const { stored } = found
    const { size, contentType: type, key } = stored
    const etag = etagOf(stored)
    const headers = headersOf(found)
    if (exchange.header('if-none-match')?.includes(etag))
      return send(exchange, { status: 200, type, body: null, headers, etag })
    const range = rangeOf(exchange, size, etag)
    if (range === 'unsatisfiable') return outOfRange(exchange, size)
    const length = range ? range.end - range.start + 1 : size
    const out = {
      status: range ? 206 : 200,
      type,
      etag,
      headers: {
        ...headers,
        'content-length': String(length),
        ...(range && { 'content-range': `bytes ${range.start}-${range.end}/${size}` }),
      },
    }
    if (exchange.method === 'HEAD') return send(exchange, { ...out, body: null })
    const content = await folder.get(key, range ?? undefined)
    return content ? send(exchange, { ...out, body: content.body }) : notFound(exchange)
  }

  app.get('/files/:token', async (context) => {
    const { exchange } = context.env
    const ticket = folder.redeem(context.req.param('token'))
    const stored = ticket && (await folder.head(ticket.key))
    return toResponse(stored ? await give(exchange, { stored, ticket }) : await notFound(exchange))
  })
}
