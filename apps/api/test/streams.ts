import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { adapterMigrations } from '@plinth/adapters'
import { download, mutation, nothing, query, subscription } from '@plinth/contract'
import { type Actor, bind, implementer, type KitTables, kitMigrations } from '@plinth/kit'
import { type TestServer, testServer } from '@plinth/testing'
import { tracked } from '@trpc/server'
import { WebSocket } from 'ws'
import { z } from 'zod'

const Value = z.object({ value: z.int() })
const Text = z.object({ text: z.string() })

const works = {
  hold: query({ summary: 'Wait', access: 'public', input: nothing, output: Value }),
  save: mutation({
    summary: 'Wait, then write',
    access: 'public',
    transaction: false,
    audit: false,
    input: nothing,
    output: Value,
  }),
  add: mutation({ summary: 'Add', access: 'public', audit: false, input: Value, output: Value }),
  mine: mutation({ summary: 'Add an own one', audit: false, input: Value, output: Value }),
  big: query({ summary: 'A big answer', access: 'public', input: nothing, output: Text }),
  ticks: subscription({
    summary: 'One value, then nothing',
    access: 'public',
    input: nothing,
    output: Value,
  }),
  own: subscription({ summary: 'Values when they are asked for, for users', input: nothing, output: Value }),
  flood: subscription({
    summary: 'Large values without end',
    access: 'public',
    input: nothing,
    output: Text,
  }),
  file: download({ summary: 'Wait, then a file', access: 'public', rest: 'GET /file', input: nothing }),
}
const contract = { shop: { works } }

/** The size of the big answer: more than the buffers of the system take. */
export const BIG = 24_000_000

/** What the handlers of one server did, and what they wait for. */
interface World {
  atWork: number
  most: number
  saved: number
  subscriptions: number
  cancelled: number
  flooded: number
  revoked: boolean
  /** Has every subscription of users give its next value. */
  readonly next: (() => void)[]
  /** Lets all that wait go on. */
  go(): void
}

/** A server whose handlers wait until they are let go. */
export interface StreamServer extends TestServer {
  readonly world: World
}

const ADA: Actor = {
  userId: 'usr_ada',
  loginId: 'lgn_1',
  role: 'user',
  permissions: new Set(),
  portal: null,
  scopes: null,
  verified: true,
  provenAt: null,
  impersonatedBy: null,
}

const handlersOf = (world: World, going: Promise<void>) => {
  const waiting = async () => {
    world.atWork++
    world.most = Math.max(world.most, world.atWork)
    await going
    world.atWork--
    return { value: 1 }
  }
  async function* ticks({ ctx }: { ctx: { signal: AbortSignal } }) {
    world.subscriptions++
    try {
      yield tracked('1', { value: 1 })
      if (!ctx.signal.aborted) await once(ctx.signal, 'abort')
    } finally {
      world.subscriptions--
    }
  }
  return implementer<KitTables>()(works, {
    hold: waiting,
    async save({ ctx }) {
      const answer = await waiting()
      await ctx.transaction((trx) => trx.selectFrom('outbox').select('id').limit(1).execute())
      world.saved++
      return answer
    },
    add: async ({ input }) => input,
    mine: async ({ input }) => input,
    big: async () => ({ text: 'x'.repeat(BIG) }),
    ticks,
    async *own({ ctx }) {
      for (let id = 1; !ctx.signal.aborted; id++) {
        yield tracked(String(id), { value: id })
        const asked = new Promise<void>((resolve) => world.next.push(resolve))
        await Promise.race([asked, once(ctx.signal, 'abort')])
      }
    },
    async *flood({ ctx }) {
      for (let id = 1; !ctx.signal.aborted; id++) {
        world.flooded = id
        yield tracked(String(id), { text: 'x'.repeat(100_000) })
        await new Promise((resolve) => setImmediate(resolve))
      }
    },
    async file() {
      await waiting()
      const body = new ReadableStream<Uint8Array<ArrayBuffer>>({
        pull: (controller) => controller.enqueue(new Uint8Array(1000)),
        cancel() {
          world.cancelled++
        },
      })
      return { contentType: 'text/plain', filename: 'a.txt', body }
    },
  })
}

/** Starts a server of operations that wait, are large or have no end. */
export const streamServer = async (env: Readonly<Record<string, string>> = {}): Promise<StreamServer> => {
  const { promise: going, resolve: go } = Promise.withResolvers<void>()
  const counts = { atWork: 0, most: 0, saved: 0, subscriptions: 0, cancelled: 0, flooded: 0 }
  const world: World = { ...counts, revoked: false, next: [], go }
  const server = await testServer({
    env,
    migrations: { ...kitMigrations, ...adapterMigrations },
    surface: () => ({
      bound: bind(contract, { shop: { works: handlersOf(world, going) } }),
      subscribers: [],
      authenticator: { authenticate: async () => (world.revoked ? 'TOKEN_REVOKED' : ADA) },
    }),
  })
  return { ...server, world }
}

/** A message of a WebSocket, as far as tests look at it. */
export interface Message {
  readonly id: number | null
  readonly result?: { readonly type: string; readonly data?: unknown }
  readonly error?: { readonly data: { readonly code: string } }
}

/** A WebSocket and all that came over it. */
export const openSocket = async (url: string, headers: Readonly<Record<string, string>> = {}) => {
  const socket = new WebSocket(`${url.replace('http', 'ws')}/trpc-ws`, { headers })
  const got: Message[] = []
  socket.on('message', (data: Buffer) => {
    const text = data.toString('utf8')
    if (text.startsWith('{')) got.push(JSON.parse(text) as Message)
  })
  await once(socket, 'open')
  return { socket, got, send: (message: unknown) => socket.send(JSON.stringify(message)) }
}

/** A call as tRPC's client sends it over a WebSocket. */
export const call = (id: number, method: 'query' | 'mutation' | 'subscription', name: string) => ({
  id,
  jsonrpc: '2.0',
  method,
  params: { path: `shop.works.${name}` },
})

/** A connection on which a test sends what it likes, and reads when it likes. */
export const openRaw = async (url: string, text: string): Promise<Socket> => {
  const { hostname, port } = new URL(url)
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  socket.write(text)
  return socket
}
