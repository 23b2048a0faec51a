import { COUNT, type Given, get, LIMIT, plain, trpcPath, type Workload, wrapped } from './types.ts'

const LIST = 'commerce.products.list'
const BY_SLUG = 'commerce.products.getBySlug'
const PER_BATCH = 10
// Above every price, whatever digits follow.
const HIGH = 1_000_000

/** One page of products. */
export const list: Workload = {
  checked: true,
  floor: () => plain([get(`/products?limit=${LIMIT}`)]),
  plinth: (wire) =>
    wire === 'trpc'
      ? wrapped([get(trpcPath(LIST, { limit: LIMIT }))])
      : plain([get(`/api/v1/products?limit=${LIMIT}`)]),
}

/** One product by its slug. */
export const detail: Workload = {
  checked: true,
  floor: ({ slugs }) => plain(slugs.map((slug) => get(`/products/by-slug/${slug}`))),
  plinth: (wire, { slugs }) =>
    wire === 'trpc'
      ? wrapped(slugs.map((slug) => get(trpcPath(BY_SLUG, { slug }))))
      : plain(slugs.map((slug) => get(`/api/v1/products/by-slug/${slug}`))),
}

/** One page of products for somebody who is signed in. */
export const signedInList: Workload = {
  checked: true,
  floor: ({ users }) => plain(users.map((token) => get(`/signed-in/products?limit=${LIMIT}`, token))),
  plinth: (wire, { users }) =>
    wire === 'trpc'
      ? wrapped(users.map((token) => get(trpcPath(LIST, { limit: LIMIT }), token)))
      : plain(users.map((token) => get(`/api/v1/products?limit=${LIMIT}`, token))),
}

const tensOf = ({ slugs }: Given): string[][] => {
  const tens: string[][] = []
  for (let at = 0; at + PER_BATCH <= slugs.length; at += PER_BATCH) tens.push(slugs.slice(at, at + PER_BATCH))
  return tens
}

const batchPath = (slugs: readonly string[]): string => {
  const names = slugs.map(() => BY_SLUG).join(',')
  const inputs = Object.fromEntries(slugs.map((slug, at) => [at, { slug }]))
  return `/trpc/${names}?batch=1&input=${encodeURIComponent(JSON.stringify(inputs))}`
}

/** Ten products by their slugs in one request. */
export const batchOfTen: Workload = {
  wires: ['trpc'],
  checked: true,
  floor: (given) => plain(tensOf(given).map((slugs) => get(`/products/by-slugs?slugs=${slugs.join(',')}`))),
  plinth: (_, given) => ({
    asked: tensOf(given).map((slugs) => get(batchPath(slugs))),
    unwrap: (body) => (body as { result: { data: unknown } }[]).map(({ result }) => result.data),
  }),
}

/** One page of products, again and again from the response cache. */
export const warmCache: Workload = { ...list, cached: true }

/** Pages of products with the response cache on, each of them asked for the first time. */
export const coldCache: Workload = {
  checked: false,
  cached: true,
  floor: list.floor,
  plinth: (wire) =>
    wire === 'trpc'
      ? wrapped([
          get(
            trpcPath(LIST, { limit: LIMIT, price: { lte: HIGH } }).replace(String(HIGH), `${HIGH}${COUNT}`),
          ),
        ])
      : plain([get(`/api/v1/products?limit=${LIMIT}&price[lte]=${HIGH}${COUNT}`)]),
}
