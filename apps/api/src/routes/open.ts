import type { Context } from 'hono'
import type { HttpExchange, NodeBindings } from '../http/exchange.ts'

/** A request as Hono hands it to our routes. */
export type HonoContext = Context<{ Bindings: NodeBindings }>

/** Makes the exchange of a request. */
export type Open = (context: HonoContext) => HttpExchange
