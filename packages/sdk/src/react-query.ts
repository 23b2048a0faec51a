import type { AppRouter } from '@plinth/contract'
import type { QueryClient } from '@tanstack/react-query'
import { createTRPCContext, createTRPCOptionsProxy, type TRPCOptionsProxy } from '@trpc/tanstack-react-query'
import type { Client } from './types.ts'

/** TanStack Query options for every procedure: `plinth.commerce.products.list.queryOptions({ limit: 10 })`. */
export type PlinthOptions = TRPCOptionsProxy<AppRouter>

type Context = ReturnType<typeof createTRPCContext<AppRouter>>

const context: Context = /* @__PURE__ */ createTRPCContext<AppRouter>()

/** Gives the components below it a client: `<PlinthProvider trpcClient={client} queryClient={queryClient}>`. */
export const PlinthProvider: Context['TRPCProvider'] = context.TRPCProvider

/** In a component below the provider: `useQuery(usePlinth().commerce.products.list.queryOptions({}))`. */
export const usePlinth: () => PlinthOptions = context.useTRPC

/** In a component below the provider: the client itself, for calls outside of queries. */
export const usePlinthClient: () => Client = context.useTRPCClient

/** The same options without React: for loaders, prefetching and other frameworks of TanStack Query. */
export const createPlinthOptions = (client: Client, queryClient: QueryClient): PlinthOptions =>
  createTRPCOptionsProxy<AppRouter>({ client, queryClient })
