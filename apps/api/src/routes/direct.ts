import type { Context } from 'hono'
import type { HttpExchange } from '../http/exchange.ts'
import type { Reply } from '../http/reply.ts'

/** What Hono's routes are given beside the request. */
export interface Bindings {
  readonly exchange: HttpExchange
}

/** A request as Hono hands it to our routes. */
export type HonoContext = Context<{ Bindings: Bindings }>

/** Answers what it is for, and null for what it is not. */
export type Direct = (exchange: HttpExchange) => Promise<Reply> | null
