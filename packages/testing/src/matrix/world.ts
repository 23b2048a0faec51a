import type { AdapterTables } from '@plinth/adapters'
import type { Category, PortalName, Product, Tag, WebhookDelivery } from '@plinth/contract'
import type { CoreDb } from '@plinth/core'
import { json } from '@plinth/db'
import { newId } from '@plinth/kit'
import type { z } from 'zod'
import { testOAuthProvider } from '../outside/oauth-provider.ts'
import { type Client, type Role, type TestActor, type TestApp, testApp } from '../test-app.ts'
import { callersOf } from './credentials.ts'
import { readDocument } from './document.ts'
import { matrixMigrations, matrixSurface } from './drive/surface.ts'
import type { Target } from './matrix.ts'
import { resetCode } from './reset-code.ts'
import { type FactorWorld, factorWorld, PAGE } from './world-factors.ts'
import { guardWorld } from './world-guard.ts'
import { type IdentityWorld, identityWorld } from './world-identities.ts'
import { type PortalWorld, portalWorld } from './world-portals.ts'
import { PASSWORD, type UserWorld, userWorld } from './world-users.ts'

type NewApiKey = Awaited<ReturnType<Client['core']['apiKeys']['create']['mutate']>>

/** What sample inputs of Plinth are made from: things that are made anew each time they are asked for. */
export interface World extends FactorWorld, IdentityWorld, PortalWorld, UserWorld {
  /** Text that no other sample has. */
  unique(): string
  category(): Promise<z.infer<typeof Category>>
  /** One that lies in another. */
  subcategory(): Promise<z.infer<typeof Category>>
  tag(): Promise<z.infer<typeof Tag>>
  product(): Promise<z.infer<typeof Product>>
  /** Another that differs from those in all that a list can be asked for. */
  oddProduct(): Promise<z.infer<typeof Product>>
  /** An account of its own, signed in, that nobody else uses. */
  someone(role: Role): Promise<TestActor>
  /** The same, but its address is not proved yet. */
  newcomer(role: Role): Promise<TestActor>
  /** The id of another login of an account. */
  otherLogin(of: TestActor): Promise<string>
  /** The id of a document that an account stored, under a name of its own where none is given. */
  document(of: TestActor, name?: string): Promise<string>
  /** An API key of an account, with its secret. */
  apiKey(of: TestActor): Promise<NewApiKey>
  /** The id of a job that was given up. */
  deadJob(): Promise<string>
  /** The id of a webhook, to a receiver that is not there. */
  webhook(): Promise<string>
  /** The id of an address rule that concerns nobody who calls. */
  addressRule(): Promise<string>
  /** The id of a ban of somebody who does not call. */
  ban(): Promise<string>
  /** Rules, bans, reputations and logged requests: two of each that differ in all that a list can be asked for. */
  defended(): Promise<void>
  /** A delivery that was made. */
  delivery(): Promise<Delivery>
  /** A delivery that was not made yet. */
  waitingDelivery(): Promise<Delivery>
  /** An unhandled error of its own kind. */
  failure(): Promise<void>
  /** A run of the schedule that the samples name. */
  scheduleRun(): Promise<void>
  /** The code by which an account of its own, of a portal or none, may set a new password. */
  resetCode(portal: PortalName | null): Promise<{ readonly email: string; readonly code: string }>
}

/** A receiver of webhooks that is not there; it takes no name server to find that out. */
export const RECEIVER = 'https://127.0.0.2:1024/hooks'

const forgetProof = (app: TestApp, id: string) =>
  app.db
    .as<CoreDb>()
    .transaction((trx) =>
      trx.updateTable('users').set({ email_verified_at: null }).where('id', '=', id).execute(),
    )

// Nobody does what it names, and nobody waits for its ten attempts.
const addDeadJob = (app: TestApp, name: string): Promise<string> =>
  app.db.as<AdapterTables>().transaction(async (trx) => {
    const now = app.clock.now()
    await app.composed.service.deps.jobs.enqueue(trx, [{ name, payload: null }], now)
    const { id } = await trx
      .updateTable('jobs')
      .set({ state: 'dead', attempts: 10, finished_at: now.toISOString(), last_error: 'Error: no server' })
      .where('name', '=', name)
      .returning('id')
      .executeTakeFirstOrThrow()
    return id
  })

type Delivery = z.infer<typeof WebhookDelivery>

// It is not to change while others look at it.
const deliver = async (app: TestApp, delivery: Delivery): Promise<Delivery> => {
  const finishedAt = app.clock.now().toISOString()
  await app.db
    .as<CoreDb>()
    .transaction((trx) =>
      trx
        .updateTable('webhook_deliveries')
        .set({ state: 'delivered', attempts: 1, next_attempt_at: null, finished_at: finishedAt })
        .where('id', '=', delivery.id)
        .execute(),
    )
  return { ...delivery, state: 'delivered', attempts: 1, nextAttemptAt: null, finishedAt }
}

const addDocument = async (app: TestApp, { accessToken }: TestActor, name: string): Promise<string> => {
  const body = new FormData()
  body.set('name', name)
  body.set('file', new File(['some bytes'], 'a.txt'))
  const stored = await app.rest('POST', '/api/v1/documents', { token: accessToken, body })
  return (stored.body as { id: string }).id
}

const addFailure = async (app: TestApp, name: string): Promise<void> => {
  const at = app.clock.now().toISOString()
  await app.db.as<CoreDb>().transaction((trx) =>
    trx
      .insertInto('failures')
      .values({
        id: newId('flr', app.clock.now()),
        cause: name,
        name: 'Error',
        message: name,
        stack: '',
        context: json({}),
        occurred: 1,
        first_at: at,
        last_at: at,
      })
      .execute(),
  )
}

const addScheduleRun = async (app: TestApp, at: number): Promise<void> => {
  const due = new Date(app.clock.now().getTime() - at * 60_000)
  await app.db.transaction((trx) =>
    trx
      .insertInto('schedule_runs')
      .values({
        id: newId('run', due),
        schedule: 'purge-outbox',
        due_at: due.toISOString(),
        state: 'waiting',
        attempts: 0,
        started_at: null,
        ended_at: null,
        error: null,
      })
      .execute(),
  )
}

const worldOf = (app: TestApp, admin: TestActor): Omit<World, keyof FactorWorld | keyof IdentityWorld> => {
  const { commerce, core } = admin.client
  let made = 0
  const unique = (): string => {
    made += 1
    return `sample ${made}`
  }
  const webhook = async (): Promise<string> => {
    const { id } = await core.webhooks.create.mutate({
      url: RECEIVER,
      description: unique(),
      events: ['webhooks.tested'],
    })
    return id
  }
  return {
    unique,
    category: () => commerce.categories.create.mutate({ name: unique() }),
    subcategory: async () => {
      const { id: parentId } = await commerce.categories.create.mutate({ name: unique() })
      return commerce.categories.create.mutate({ name: unique(), parentId })
    },
    tag: () => commerce.tags.create.mutate({ name: unique() }),
    product: async () =>
      commerce.products.create.mutate({
        name: unique(),
        price: { amount: 1250, currency: 'EUR' },
        stock: 3,
        sku: unique(),
        categoryId: (await commerce.categories.create.mutate({ name: unique() })).id,
        tagIds: [(await commerce.tags.create.mutate({ name: unique() })).id],
      }),
    oddProduct: () =>
      commerce.products.create.mutate({
        name: unique().replace('sample', 'odd'),
        price: { amount: 900_000, currency: 'USD' },
        stock: 0,
      }),
    someone: (role) => app.as(role),
    async newcomer(role) {
      const actor = await app.as(role)
      await forgetProof(app, actor.account.id)
      return actor
    },
    otherLogin: async ({ email, password }) =>
      (await app.client.core.sessions.login.mutate({ email, password })).loginId,
    ...userWorld(app, unique),
    ...portalWorld(app, unique),
    document: (of, name = unique()) => addDocument(app, of, name),
    apiKey: ({ client }) =>
      client.core.apiKeys.create.mutate({ name: unique(), scopes: ['products:read', 'tags:read'] }),
    deadJob: () => addDeadJob(app, unique()),
    webhook,
    ...guardWorld(app, admin, unique),
    delivery: async () => deliver(app, await core.webhooks.test.mutate({ id: await webhook() })),
    waitingDelivery: async () => core.webhooks.test.mutate({ id: await webhook() }),
    failure: () => addFailure(app, unique()),
    scheduleRun: () => addScheduleRun(app, ++made),
    resetCode: (portal) => resetCode(app, portal),
  }
}

/** Plinth as the matrix sees it: a server with a world; dispose of it with `await using`. */
export interface PlinthTarget extends Target<World, TestActor>, AsyncDisposable {
  readonly server: TestApp
}

// Small, so that a body beyond it costs little to send over and over.
const MAX_BODY_BYTES = 20_000

/** Starts Plinth for the matrix. */
export const plinthTarget = async (env: Readonly<Record<string, string>> = {}): Promise<PlinthTarget> => {
  const provider = await testOAuthProvider({ page: PAGE })
  const server = await testApp({
    env: {
      ...provider.env(),
      PLINTH_HTTP_MAX_BODY_BYTES: String(MAX_BODY_BYTES),
      PLINTH_WEBHOOKS_ALLOWED_NETWORKS: '127.0.0.0/8',
      PLINTH_WEBHOOKS_MOST: '10000',
      // Samples sign in again and again, and those who made them are not to be put out.
      PLINTH_SESSIONS_MAX_PER_USER: '1000',
      PLINTH_WEB_URL: PAGE,
      PLINTH_KEYS_MAX_PER_USER: '1000',
      PLINTH_ACCOUNTS_MAX_ROLES: '1000',
      ...env,
    },
    migrations: matrixMigrations(),
    surface: matrixSurface,
  })
  const callers = callersOf(server, (portal) => world.principalOf(portal))
  const admin = await callers.of('admin')
  const world: World = {
    ...worldOf(server, admin),
    ...factorWorld(server),
    ...identityWorld(server, provider),
  }
  return {
    server,
    callers,
    document: await readDocument(server),
    world,
    secrets: new Set([admin.password, PASSWORD]),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]()
      await provider[Symbol.asyncDispose]()
    },
  }
}
