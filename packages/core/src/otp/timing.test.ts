import { type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addAccount, codeTo, NEW_PASSWORD, otherThan, routes } from '../../test/otp.ts'

// The hash at its real cost, as one that is left out is what stands out most; and nothing beside it that takes long and
// is the same for all.
const ENV = {
  PLINTH_PASSWORD_HASH_MEMORY_COST: '19456',
  PLINTH_PASSWORD_HASH_TIME_COST: '2',
  PLINTH_PASSWORDS_MIN_SCORE: '0',
  PLINTH_OTP_WRONG_PER_HOUR: '1000',
  PLINTH_LOCKOUT_PER_NETWORK: '100000',
  PLINTH_LOCKOUT_PER_ACCOUNT: '100000',
}
const CHEAP = { memoryCost: 64, timeCost: 1, parallelism: 1 }
const ROUNDS = 30
// Hundreds of hashes, which a busy machine takes its time for.
const TIMEOUT_MS = 120_000
// What a busy machine may do to a median beyond what two halves of the same kind show.
const SLACK = 1.3
// However busy it is: a hash that is left out is a factor of its own.
const MOST = 1.8
// One to warm up, and three to judge by.
const PASSES = 4

let app: TestApp
beforeAll(async () => {
  app = await testApp({ env: ENV })
})
afterAll(() => app[Symbol.asyncDispose]())

const median = (values: readonly number[]): number =>
  values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0

const ratio = (one: readonly number[], other: readonly number[]): number => {
  const [first, second] = [median(one), median(other)]
  return Math.max(first, second) / Math.min(first, second)
}

const half = (values: readonly number[], which: number): number[] =>
  values.filter((_, index) => index % 2 === which)

interface Kind {
  readonly known: (index: number) => object
  readonly unknown: (index: number) => object
}

/** Times calls of both kinds by turns, so that what the machine does besides falls on both. */
const measure = async (path: string, status: number, { known, unknown }: Kind) => {
  const time = async (body: object): Promise<number> => {
    const started = performance.now()
    const answer = await app.rest('POST', path, { body })
    const took = performance.now() - started
    expect(answer.status).toBe(status)
    return took
  }
  const times = { known: [] as number[], unknown: [] as number[] }
  for (let index = 0; index < ROUNDS; index += 1) {
    // Who comes first changes too: what goes before warms caches for what follows.
    const order = index % 4 < 2 ? (['known', 'unknown'] as const) : (['unknown', 'known'] as const)
    for (const kind of order) times[kind].push(await time(kind === 'known' ? known(index) : unknown(index)))
  }
  return times
}

/** How far the medians of both lie apart, and how far those of two halves of one kind do. */
const compare = (what: string, { known, unknown }: { known: number[]; unknown: number[] }) => {
  const noise = Math.max(...[known, unknown].map((kind) => ratio(half(kind, 0), half(kind, 1))))
  const between = ratio(known, unknown)
  const medians = `known ${median(known).toFixed(2)} ms, unknown ${median(unknown).toFixed(2)} ms`
  const said = `${what}: ${medians}, ratio ${between.toFixed(3)}, halves of one kind ${noise.toFixed(3)}`
  return { said, alike: between < Math.min(noise * SLACK, MOST) }
}

const measured: string[] = []

/** That in one of a few measurements both lie within the noise: what the code does differently is there in each of them. */
const judge = async (what: string, path: string, status: number, kind: Kind) => {
  const pass = (number: number): Kind => ({
    known: (index) => kind.known(index + number * ROUNDS),
    unknown: (index) => kind.unknown(index + number * ROUNDS),
  })
  await measure(path, status, pass(0))
  const said: string[] = []
  for (let number = 1; number < PASSES; number += 1) {
    const compared = compare(what, await measure(path, status, pass(number)))
    said.push(compared.said)
    measured.push(compared.said)
    if (compared.alike) return
  }
  throw new Error(said.join('\n'))
}
afterAll(() => {
  if (process.env.SHOW_TIMES) process.stdout.write(`${measured.join('\n')}\n`)
})

test('to ask for a code takes as long without an account as with one', { timeout: TIMEOUT_MS }, async () => {
  for (let index = 0; index < PASSES * ROUNDS; index += 1)
    await addAccount(app, `timed-${index}@example.com`, {}, CHEAP)
  await judge('forgot', routes.user.forgot, 200, {
    known: (index) => ({ email: `timed-${index}@example.com` }),
    unknown: (index) => ({ email: `nobody-${index}@example.com` }),
  })
})

test('to have a code looked at takes as long without an account as with one', {
  timeout: TIMEOUT_MS,
}, async () => {
  const [email, nobody] = ['guessed@example.com', 'guessed-nobody@example.com']
  await addAccount(app, email)
  for (const each of [email, nobody]) await app.rest('POST', routes.user.forgot, { body: { email: each } })
  const code = otherThan(await codeTo(app, email))
  const guess = (to: string) => ({ email: to, code, newPassword: NEW_PASSWORD })
  await judge('reset', routes.user.reset, 422, { known: () => guess(email), unknown: () => guess(nobody) })
})

test('to sign in takes as long without an account as with a wrong password', {
  timeout: TIMEOUT_MS,
}, async () => {
  await addAccount(app, 'login@example.com')
  const login = (email: string) => ({ email, password: 'not the right phrase 1' })
  await judge('login', '/api/v1/auth/login', 401, {
    known: () => login('login@example.com'),
    unknown: () => login('login-nobody@example.com'),
  })
})
