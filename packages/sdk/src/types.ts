import type { AppRouter } from '@plinth/contract'
import type { TRPCClient } from '@trpc/client'
import type { AnyTRPCRouter, inferRouterInputs, inferRouterOutputs } from '@trpc/server'

/** The client of a server with a contract of its own. */
export type ClientOf<Router extends AnyTRPCRouter> = TRPCClient<Router>

/** The client: every procedure of the contract at its name, such as `client.commerce.products.list.query({})`. */
export type Client = TRPCClient<AppRouter>

/** What each procedure takes: `Inputs['commerce']['products']['create']`. */
export type Inputs = inferRouterInputs<AppRouter>

/** What each procedure answers: `Outputs['commerce']['products']['get']`. */
export type Outputs = inferRouterOutputs<AppRouter>
