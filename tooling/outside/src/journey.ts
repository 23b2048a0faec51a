import type { Outputs } from '@plinth/sdk'

/** What a journey starts with: where the server is, who signs in, and a key that no other client uses. */
export interface Given {
  readonly url: string
  readonly email: string
  readonly password: string
  /** Slug of a product that has a category and tags. */
  readonly slug: string
  readonly key: string
}

/** A refusal, in the words that every wire has. */
export interface Refusal {
  readonly status: number
  readonly code: string
  readonly fields: readonly string[]
}

type Products = Outputs['commerce']['products']

/** What a journey brings home: the same for every client. */
export interface Journey {
  readonly list: Products['list']
  readonly next: Products['list']
  readonly bySlug: Products['getBySlug']
  readonly missing: Refusal
  readonly refused: Refusal
  readonly notSignedIn: Refusal
  readonly profile: Outputs['core']['accounts']['get']
  readonly created: Pick<Products['create'], 'name' | 'price'> & { readonly replayed: boolean }
  readonly reused: Refusal
}

/** The list that every client asks for. */
export const FILTER = {
  price: { gte: 1000, lte: 5000 },
  sort: ['-price', 'name'] as ['-price', 'name'],
  limit: 3,
}

/** A product outside of {@link FILTER}, so that the journeys do not see one another's. */
export const PRICE = { amount: 99, currency: 'EUR' }
