import { parseArgs } from 'node:util'

const DATABASES = ['sqlite', 'postgres'] as const
const WIRES = ['rest', 'trpc'] as const
const WORKS = [
  'list',
  'detail',
  'signed-in-list',
  'batch-10',
  'list-cold',
  'list-warm',
  'update-profile',
  'create-product',
  'register',
  'mixed',
  'mixed-200-users',
  'mixed-1000-a-second',
] as const

/** What a quick run measures. */
export const MAIN: readonly Work[] = ['list', 'detail', 'signed-in-list']

/** A database that is measured. */
export type DatabaseName = (typeof DATABASES)[number]
/** A wire that is measured. */
export type Wire = (typeof WIRES)[number]
/** A piece of work that is measured. */
export type Work = (typeof WORKS)[number]

/** What is measured, and for how long. */
export interface Options {
  readonly databases: readonly DatabaseName[]
  readonly wires: readonly Wire[]
  readonly works: readonly Work[]
  /** Rounds per row; each holds one measurement of the floor and one of Plinth. */
  readonly rounds: number
  /** Length of one measurement. */
  readonly seconds: number
  readonly connections: number
  /** Whether Plinth may answer from its response cache in every work, and not just in those that are about it. */
  readonly cached: boolean
  /** File that the rows are written to. */
  readonly json: string | undefined
  /** Whether a ratio far below its goal fails the run. */
  readonly gate: boolean
  /** Sizes of generated catalogues that are compared, rising. */
  readonly sizes: readonly number[]
  /** Numbers of procedures among which one call is compared, rising. */
  readonly counts: readonly number[]
  /** Length of a soak. */
  readonly minutes: number
  readonly mode: 'compare' | 'profile' | 'serialise' | 'durability' | 'scale' | 'soak'
}

const USAGE = `npm run bench -- [options]
  --quick         under three minutes for ${MAIN.join(', ')}
  --json FILE     write the rows to FILE
  --gate          fail when a ratio is far below its goal
  --only NAMES    ${[...DATABASES, ...WIRES, ...WORKS].join(', ')}; several with commas
  --rounds N      rounds per row (3, quick 5)
  --seconds N     seconds per measurement (10, quick 1.2)
  --cached        leave the response cache on
  --profile       print where Plinth spends its time in the first row
  --scale SIZES   search, list and a deep page over generated catalogues, such as 1000,100000,1000000
  --procedures N  one call among N procedures, such as 1,400
  --soak MINUTES  mixed work at a steady pace; fails when requests fail or memory grows
  --serialise     measure what keeping encoded answers saves
  --durability    measure what it costs that a commit to SQLite survives a power cut`

const pick = <N extends string>(all: readonly N[], only: readonly string[]): readonly N[] => {
  const named = all.filter((name) => only.includes(name))
  return named.length > 0 ? named : all
}

const pickWorks = (only: readonly string[], quick: boolean): readonly Work[] => {
  const named = WORKS.filter((work) => only.includes(work))
  return named.length > 0 ? named : quick ? MAIN : WORKS
}

const amount = (name: string, text: string | undefined, fallback: number, most: number): number => {
  const value = text === undefined ? fallback : Number(text)
  if (!(value > 0 && value <= most))
    throw new Error(`--${name} must be above 0 and at most ${most}\n${USAGE}`)
  return value
}

const onlyOf = (text: string | undefined): readonly string[] => {
  const names = text?.split(',') ?? []
  const known: readonly string[] = [...DATABASES, ...WIRES, ...WORKS]
  for (const name of names) if (!known.includes(name)) throw new Error(`--only knows no ${name}\n${USAGE}`)
  return names
}

const sizesOf = (name: string, text: string | undefined): readonly number[] =>
  (text?.split(',') ?? []).map((size) => amount(name, size, 0, 10_000_000))

const modeOf = (given: {
  profile: boolean
  serialise: boolean
  durability: boolean
  scale?: string
  procedures?: string
  soak?: string
}): Options['mode'] => {
  if (given.profile) return 'profile'
  if (given.serialise) return 'serialise'
  if (given.durability) return 'durability'
  if (given.soak !== undefined) return 'soak'
  return given.scale === undefined && given.procedures === undefined ? 'compare' : 'scale'
}

/** Reads the command line; throws with the usage for what it does not know. */
export const readOptions = (args: readonly string[]): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      gate: { type: 'boolean', default: false },
      only: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      cached: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      scale: { type: 'string' },
      procedures: { type: 'string' },
      soak: { type: 'string' },
      serialise: { type: 'boolean', default: false },
      durability: { type: 'boolean', default: false },
    },
  })
  const only = onlyOf(values.only)
  return {
    databases: pick(DATABASES, only),
    wires: pick(WIRES, only),
    works: pickWorks(only, values.quick),
    rounds: Math.ceil(amount('rounds', values.rounds, values.quick ? 5 : 3, 99)),
    seconds: amount('seconds', values.seconds, values.quick ? 1.2 : 10, 600),
    connections: 50,
    cached: values.cached,
    json: values.json,
    gate: values.gate,
    sizes: sizesOf('scale', values.scale),
    counts: sizesOf('procedures', values.procedures),
    minutes: amount('soak', values.soak, 10, 600),
    mode: modeOf(values),
  }
}
