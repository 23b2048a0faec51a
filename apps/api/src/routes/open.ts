import { common } from '@plinth/kit'
import type { Context, Hono } from 'hono'
import type { HttpExchange, NodeBindings } from '../http/exchange.ts'
import { type Send, sendProblem } from '../http/send.ts'

export type HonoContext = Context<{ Bindings: NodeBindings }>

/** Makes the exchange of a request. */
export type Open = (context: HonoContext) => HttpExchange

/** What routes that are only read need: how to open a request and how to answer it. */
interface Reading {
  readonly open: Open
  readonly send: Send
}

/** Mounts a route that is only read; any other method is answered 405 with those that it knows. */
export const mountRead = (
  app: Hono<{ Bindings: NodeBindings }>,
  path: string,
  { open, send }: Reading,
  answer: (exchange: HttpExchange, context: HonoContext) => Promise<Response>,
): void => {
  app.get(path, (context) => answer(open(context), context))
  app.all(path, (context) =>
    sendProblem(
      send,
      open(context),
      common('METHOD_NOT_ALLOWED', { headers: { allow: 'GET, HEAD, OPTIONS' } }),
    ),
  )
}
