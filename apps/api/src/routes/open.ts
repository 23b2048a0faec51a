import type { Context } from 'hono'
import type { HttpExchange, NodeBindings } from '../http/exchange.ts'

export type HonoContext = Context<{ Bindings: NodeBindings }>

/** Makes the exchange of a request. */
export type Open = (context: HonoContext) => HttpExchange
