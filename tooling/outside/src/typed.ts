import { type Inputs, isPlinthError, type Outputs } from '@plinth/sdk'
import { FILTER, type Given, type Journey, PRICE, type Refusal } from './journey.ts'

interface Query<Input, Output> {
  query(input: Input): Promise<Output>
}

interface Mutation<Input, Output> {
  mutate(input: Input, options: { readonly context: { readonly idempotencyKey: string } }): Promise<Output>
}

type ProductsIn = Inputs['commerce']['products']
type ProductsOut = Outputs['commerce']['products']

/** As much of a client as a journey needs, whichever copy of tRPC's types it was made with. */
export interface TypedClient {
  readonly core: { readonly accounts: { readonly get: Query<undefined, Outputs['core']['accounts']['get']> } }
  readonly commerce: {
    readonly products: {
      readonly list: Query<ProductsIn['list'], ProductsOut['list']>
      readonly getBySlug: Query<ProductsIn['getBySlug'], ProductsOut['getBySlug']>
      readonly create: Mutation<ProductsIn['create'], ProductsOut['create']>
    }
  }
}

const refusalOf = async (call: Promise<unknown>): Promise<Refusal> => {
  try {
    await call
  } catch (error) {
    if (!isPlinthError(error)) throw error
    const { code, httpStatus, errors = [] } = error.data
    return { status: httpStatus, code, fields: errors.map(({ path }) => path).sort() }
  }
  throw new Error('The call was expected to be refused')
}

/**
 * The journey through clients typed by the contract.
 * @param signIn makes a client that is signed in; the one before is not.
 */
export const typedJourney = async (
  client: TypedClient,
  given: Given,
  signIn: () => Promise<TypedClient>,
): Promise<Journey> => {
  const { products } = client.commerce
  const list = await products.list.query(FILTER)
  const next = await products.list.query({ ...FILTER, cursor: list.nextCursor ?? '' })
  const bySlug = await products.getBySlug.query({ slug: given.slug, include: ['category', 'tags'] })
  const missing = await refusalOf(products.getBySlug.query({ slug: 'nothing-here' }))
  const refused = await refusalOf(products.list.query({ limit: 1000, price: { gte: -1 } }))
  const notSignedIn = await refusalOf(client.core.accounts.get.query(undefined))
  const signedIn = await signIn()
  const create = (name: string) =>
    signedIn.commerce.products.create.mutate(
      { name, price: PRICE },
      { context: { idempotencyKey: given.key } },
    )
  const first = await create('Made outside')
  const again = await create('Made outside')
  return {
    list,
    next,
    bySlug,
    missing,
    refused,
    notSignedIn,
    profile: await signedIn.core.accounts.get.query(undefined),
    created: { name: first.name, price: first.price, replayed: first.id === again.id },
    reused: await refusalOf(create('Made otherwise')),
  }
}
