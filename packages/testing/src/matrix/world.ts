import type { Category, Product, Tag } from '@plinth/contract'
import type { CoreDb } from '@plinth/core'
import type { z } from 'zod'
import { type Role, type TestActor, type TestApp, testApp } from '../test-app.ts'
import { readDocument } from './document.ts'
import type { Callers, Target } from './matrix.ts'

/** What sample inputs of Plinth are made from: things that are made anew each time they are asked for. */
export interface World {
  /** Text that no other sample has. */
  unique(): string
  category(): Promise<z.infer<typeof Category>>
  tag(): Promise<z.infer<typeof Tag>>
  product(): Promise<z.infer<typeof Product>>
  /** An account of its own, signed in, that nobody else uses. */
  someone(role: Role): Promise<TestActor>
  /** The same, but its address is not proved yet. */
  newcomer(role: Role): Promise<TestActor>
  /** The id of another login of an account. */
  otherLogin(of: TestActor): Promise<string>
  /** The token of a verification mail that was just sent. */
  verificationToken(): Promise<string>
}

const PASSWORD = 'correct horse battery'

const callersOf = (app: TestApp): Callers<TestActor> => {
  const known = new Map<Role, Promise<TestActor>>()
  return {
    of(role) {
      const caller = known.get(role) ?? app.as(role)
      known.set(role, caller)
      return caller
    },
    fresh: (role) => app.as(role),
    async end(caller) {
      await caller.client.core.sessions.logout.mutate()
    },
  }
}

const forgetProof = (app: TestApp, id: string) =>
  app.db
    .as<CoreDb>()
    .transaction((trx) =>
      trx.updateTable('users').set({ email_verified_at: null }).where('id', '=', id).execute(),
    )

const worldOf = (app: TestApp, admin: TestActor): World => {
  const { commerce } = admin.client
  let made = 0
  const unique = (): string => {
    made += 1
    return `sample ${made}`
  }
  return {
    unique,
    category: () => commerce.categories.create.mutate({ name: unique() }),
    tag: () => commerce.tags.create.mutate({ name: unique() }),
    product: async () =>
      commerce.products.create.mutate({
        name: unique(),
        price: { amount: 1250, currency: 'EUR' },
        categoryId: (await commerce.categories.create.mutate({ name: unique() })).id,
        tagIds: [(await commerce.tags.create.mutate({ name: unique() })).id],
      }),
    someone: (role) => app.as(role),
    async newcomer(role) {
      const actor = await app.as(role)
      await forgetProof(app, actor.account.id)
      return actor
    },
    otherLogin: async ({ email, password }) =>
      (await app.client.core.sessions.login.mutate({ email, password })).loginId,
    async verificationToken() {
      const email = `${unique().replace(' ', '-')}@example.com`
      await app.client.core.accounts.register.mutate({ email, password: PASSWORD, name: 'Sample' })
      await app.settle()
      const mail = (await app.mails()).find(({ to }) => to === email)
      const [, token] = /token=(plv_[\w-]+)/.exec(mail?.text ?? '') ?? []
      if (token === undefined) throw new Error(`No verification mail came for ${email}`)
      return token
    },
  }
}

/** Plinth as the matrix sees it: a server with a world; dispose of it with `await using`. */
export interface PlinthTarget extends Target<World, TestActor>, AsyncDisposable {
  readonly server: TestApp
}

// Small, so that a body beyond it costs little to send over and over.
const MAX_BODY_BYTES = 20_000

/** Starts Plinth for the matrix. */
export const plinthTarget = async (): Promise<PlinthTarget> => {
  const server = await testApp({ env: { PLINTH_HTTP_MAX_BODY_BYTES: String(MAX_BODY_BYTES) } })
  const callers = callersOf(server)
  return {
    server,
    callers,
    document: await readDocument(server),
    world: worldOf(server, await callers.of('admin')),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  }
}
