import type { Context } from 'hono'
import type { HttpExchange, NodeBindings } from '../http/exchange.ts'

/** A request as Hono hands it to our routes. */
export type HonoContext = Context<{ Bindings: NodeBindings }>

/** Makes the exchange of a request, whichever way it is answered. */
export type Open = (request: Request, bindings: NodeBindings) => HttpExchange

/** Answers what it is for, and null for what it is not. */
export type Direct = (request: Request, bindings: NodeBindings) => Promise<Response> | null
