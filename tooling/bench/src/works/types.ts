import type { Wire } from '../options.ts'

/** One request to a server; see {@link UNIQUE} and {@link COUNT} for what changes from one to the next. */
export interface Asked {
  readonly method: 'GET' | 'POST' | 'PUT'
  readonly path: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
}

/** The requests of a work, sent in turn, and how the body of an answer shows its result. */
export interface Requests {
  readonly asked: readonly Asked[]
  unwrap(body: unknown): unknown
}

/** What the requests are made with. */
export interface Given {
  readonly slugs: readonly string[]
  /** Tokens of several users, so that not all writes meet at one row. */
  readonly users: readonly string[]
  readonly manager: string
}

/** A piece of work: what is asked of Plinth, and the same of the floor, which knows one wire. */
export interface Workload {
  /** The wires that it can be measured on; left out: both. */
  readonly wires?: readonly Wire[]
  /** Whether Plinth may answer from its response cache. */
  readonly cached?: true
  /** How many connections ask; left out: as many as the options say. */
  readonly connections?: number
  /** Requests per second over all connections; left out: as many as are answered. */
  readonly rate?: number
  /** Whether both servers must give equal results before anything is measured; writes can't. */
  readonly checked: boolean
  floor(given: Given): Requests
  plinth(wire: Wire, given: Given): Requests
}

/** What stands for a word of its own in every request. */
export const UNIQUE = '{unique}'

/** What stands in a path for a number that no request of the run had before. */
export const COUNT = '{count}'

/** How many products a list holds. */
export const LIMIT = 20

const whole = (body: unknown): unknown => body
const dataOf = (body: unknown): unknown => (body as { result?: { data?: unknown } }).result?.data

/** Requests whose answers are the results themselves. */
export const plain = (asked: readonly Asked[]): Requests => ({ asked, unwrap: whole })

/** Requests over tRPC, whose results are wrapped. */
export const wrapped = (asked: readonly Asked[]): Requests => ({ asked, unwrap: dataOf })

/** A read. */
export const get = (path: string, token?: string): Asked => ({
  method: 'GET',
  path,
  headers: token === undefined ? {} : { authorization: `Bearer ${token}` },
})

/** A write with a JSON body. */
export const send = (method: 'POST' | 'PUT', path: string, body: unknown, token?: string): Asked => ({
  ...get(path, token),
  method,
  headers: { ...get(path, token).headers, 'content-type': 'application/json' },
  body: JSON.stringify(body),
})

/** The path of a read over tRPC. */
export const trpcPath = (name: string, input: unknown): string =>
  `/trpc/${name}?input=${encodeURIComponent(JSON.stringify(input))}`
