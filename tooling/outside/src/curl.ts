import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { FILTER, type Given, type Journey, PRICE, type Refusal } from './journey.ts'

const run = promisify(execFile)

interface Asked {
  readonly path: string
  readonly token?: string
  readonly key?: string
  readonly body?: unknown
}

const curl =
  (url: string) =>
  async (asked: Asked): Promise<unknown> => {
    const { path, token, key, body } = asked
    const { stdout } = await run('curl', [
      '--silent',
      '--show-error',
      '--globoff',
      ...(token === undefined ? [] : ['--header', `Authorization: Bearer ${token}`]),
      ...(key === undefined ? [] : ['--header', `Idempotency-Key: ${key}`]),
      ...(body === undefined ? [] : ['--json', JSON.stringify(body)]),
      `${url}/api/v1${path}`,
    ])
    return JSON.parse(stdout)
  }

const refusalOf = (answer: unknown): Refusal => {
  const { status, code, errors = [] } = answer as Refusal & { errors?: { path: string }[] }
  return { status, code, fields: errors.map(({ path }) => path).sort() }
}

const LIST = `/products?price[gte]=${FILTER.price.gte}&price[lte]=${FILTER.price.lte}&sort=-price&sort=name&limit=${FILTER.limit}`

/** The journey by hand, over REST. */
export const curlJourney = async ({ url, email, password, slug, key }: Given): Promise<Journey> => {
  const ask = curl(url)
  const list = (await ask({ path: LIST })) as Journey['list']
  const next = await ask({ path: `${LIST}&cursor=${encodeURIComponent(list.nextCursor ?? '')}` })
  const bySlug = await ask({ path: `/products/by-slug/${slug}?include=category&include=tags` })
  const missing = await ask({ path: '/products/by-slug/nothing-here' })
  const refused = await ask({ path: '/products?limit=1000&price[gte]=-1' })
  const notSignedIn = await ask({ path: '/user/profile' })
  const login = (await ask({ path: '/auth/login', body: { email, password } })) as {
    tokens: { accessToken: string }
  }
  const token = login.tokens.accessToken
  const create = (name: string) => ask({ path: '/products', token, key, body: { name, price: PRICE } })
  const first = (await create('Made outside')) as Journey['bySlug']
  const again = (await create('Made outside')) as Journey['bySlug']
  return {
    list,
    next: next as Journey['next'],
    bySlug: bySlug as Journey['bySlug'],
    missing: refusalOf(missing),
    refused: refusalOf(refused),
    notSignedIn: refusalOf(notSignedIn),
    profile: (await ask({ path: '/user/profile', token })) as Journey['profile'],
    created: { name: first.name, price: first.price, replayed: first.id === again.id },
    reused: refusalOf(await create('Made otherwise')),
  }
}
