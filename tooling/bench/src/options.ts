import { parseArgs } from 'node:util'

const DATABASES = ['sqlite', 'postgres'] as const
const WIRES = ['rest', 'trpc'] as const
const WORKS = ['list', 'detail', 'signed-in-list'] as const

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
  /** Whether Plinth may answer from its response cache. */
  readonly cached: boolean
  /** File that the rows are written to. */
  readonly json: string | undefined
  readonly mode: 'compare' | 'profile' | 'serialise'
}

const USAGE = `npm run bench -- [options]
  --quick         under three minutes for all rows
  --json FILE     write the rows to FILE
  --only NAMES    ${[...DATABASES, ...WIRES, ...WORKS].join(', ')}; several with commas
  --rounds N      rounds per row (3, quick 5)
  --seconds N     seconds per measurement (10, quick 1.2)
  --cached        leave the response cache on
  --profile       print where Plinth spends its time in the first row
  --serialise     measure what keeping encoded answers saves`

const pick = <N extends string>(all: readonly N[], only: readonly string[]): readonly N[] => {
  const named = all.filter((name) => only.includes(name))
  return named.length > 0 ? named : all
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

/** Reads the command line; throws with the usage for what it does not know. */
export const readOptions = (args: readonly string[]): Options => {
  const { values } = parseArgs({
    args: [...args],
    options: {
      quick: { type: 'boolean', default: false },
      json: { type: 'string' },
      only: { type: 'string' },
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      cached: { type: 'boolean', default: false },
      profile: { type: 'boolean', default: false },
      serialise: { type: 'boolean', default: false },
    },
  })
  const only = onlyOf(values.only)
  return {
    databases: pick(DATABASES, only),
    wires: pick(WIRES, only),
    works: pick(WORKS, only),
    rounds: Math.ceil(amount('rounds', values.rounds, values.quick ? 5 : 3, 99)),
    seconds: amount('seconds', values.seconds, values.quick ? 1.2 : 10, 600),
    connections: 50,
    cached: values.cached,
    json: values.json,
    mode: values.profile ? 'profile' : values.serialise ? 'serialise' : 'compare',
  }
}
