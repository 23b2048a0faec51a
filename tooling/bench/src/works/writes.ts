import type { Wire } from '../options.ts'
import { type Asked, plain, send, UNIQUE, type Workload, wrapped } from './types.ts'

const NAME = { name: `Renamed ${UNIQUE}` }
const PRODUCT = { name: `Bench product ${UNIQUE}`, price: { amount: 1999, currency: 'EUR' }, stock: 5 }
const ACCOUNT = {
  email: `bench.${UNIQUE}@example.com`,
  password: 'a long enough test phrase 7',
  name: 'Bench Account',
}

const over = (wire: Wire, rest: readonly Asked[], trpc: readonly Asked[]) =>
  wire === 'trpc' ? wrapped(trpc) : plain(rest)

/** Somebody changes the own name: a session look-up and one row, with its audit entry. */
export const updateProfile: Workload = {
  checked: false,
  floor: ({ users }) => plain(users.map((token) => send('PUT', '/profile', NAME, token))),
  plinth: (wire, { users }) =>
    over(
      wire,
      users.map((token) => send('PUT', '/api/v1/user/profile', NAME, token)),
      users.map((token) => send('POST', '/trpc/core.accounts.update', NAME, token)),
    ),
}

/** A manager adds a product, which full text search finds at once. */
export const createProduct: Workload = {
  checked: false,
  floor: ({ manager }) => plain([send('POST', '/products', PRODUCT, manager)]),
  plinth: (wire, { manager }) =>
    over(
      wire,
      [send('POST', '/api/v1/products', PRODUCT, manager)],
      [send('POST', '/trpc/commerce.products.create', PRODUCT, manager)],
    ),
}

/** Somebody registers: what it costs is the hash of the password. */
export const register: Workload = {
  checked: false,
  // Hashes that nobody waits for any more are still made: few enough that the next measurement finds room.
  connections: 8,
  floor: () => plain([send('POST', '/accounts', ACCOUNT)]),
  plinth: (wire) =>
    over(
      wire,
      [send('POST', '/api/v1/auth/register', ACCOUNT)],
      [send('POST', '/trpc/core.accounts.register', ACCOUNT)],
    ),
}
