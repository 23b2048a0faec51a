import { readFileSync } from 'node:fs'
import { gunzipSync } from 'node:zlib'
import { type ClientKind, confidenceOf, createBotRules } from '../src/guard/bots.ts'
import { type Deeds, worsened } from '../src/guard/ladder.ts'
import { signsOf } from '../src/guard/signs.ts'
import type { ReputationsTable } from '../src/guard/tables.ts'

/** How often rules were right, counted over what they were asked about. */
export interface Counts {
  readonly found: number
  readonly missed: number
  readonly wrong: number
  readonly left: number
}

/** Of what was found, how much is: and of what there is, how much was found. */
export const rates = ({ found, missed, wrong }: Counts) => ({
  precision: found / (found + wrong),
  recall: found / (found + missed),
})

const read = <T>(name: string): T =>
  JSON.parse(gunzipSync(readFileSync(new URL(`data/${name}.json.gz`, import.meta.url))).toString()) as T

interface Agents {
  readonly crawlers: readonly { readonly agent: string; readonly tags: readonly string[] }[]
  readonly browsers: readonly string[]
  readonly scanners: readonly string[]
}

const agents = read<Agents>('user-agents')
const rules = createBotRules({ secure: false })

/** What a user agent is taken for, sent with the headers that browsers send. */
const kindOf = (agent: string): ClientKind =>
  rules((name) => (name === 'user-agent' ? agent : name.startsWith('accept') ? 'x' : undefined))

type Cases = readonly (readonly [isOne: boolean, taken: boolean, times: number])[]

const count = (cases: Cases): Counts => {
  const sum = (isOne: boolean, taken: boolean) =>
    cases.reduce((all, [is, was, times]) => all + (is === isOne && was === taken ? times : 0), 0)
  return {
    found: sum(true, true),
    missed: sum(true, false),
    wrong: sum(false, true),
    left: sum(false, false),
  }
}

const isLibrary = ({ tags }: { readonly tags: readonly string[] }): boolean => tags.includes('http-library')
const isCertain = (kind: ClientKind): boolean => confidenceOf(kind) === 'high'

/** Crawlers against browsers, by user agent. Libraries are bots that an API wants: they count where `withLibraries`. */
export const crawlers = (withLibraries: boolean): Counts =>
  count([
    ...agents.crawlers
      .filter((each) => withLibraries || !isLibrary(each))
      .map(({ agent }) => {
        const kind = kindOf(agent)
        return [true, withLibraries ? kind !== 'browser' : isCertain(kind), 1] as const
      }),
    ...agents.browsers.map((agent) => [false, kindOf(agent) !== 'browser', 1] as const),
  ])

/** Scanners by their names, against crawlers that are none, and browsers. */
export const scanners = (): Counts =>
  count([
    ...agents.scanners.map((name) => [true, kindOf(name) === 'scanner', 1] as const),
    ...agents.crawlers
      .filter(({ tags }) => !tags.includes('scanner'))
      .map(({ agent }) => [false, kindOf(agent) === 'scanner', 1] as const),
    ...agents.browsers.map((agent) => [false, kindOf(agent) === 'scanner', 1] as const),
  ])

/** Browsers by name that send no language, as scripts that copy a user agent do: against the same with all headers. */
export const pretenders = (): Counts =>
  count(
    agents.browsers.flatMap((agent) => [
      [true, rules((name) => (name === 'user-agent' ? agent : undefined)) === 'pretender', 1] as const,
      [false, kindOf(agent) === 'pretender', 1] as const,
    ]),
  )

/** Requests of a real web log, labelled by a list of crawlers that we do not use. */
export const siteLog = (): Counts =>
  count(
    read<[string, number, boolean][]>('site-agents').map(([agent, times, isCrawler]) => {
      const kind = kindOf(agent)
      return [isCrawler, isCertain(kind) || kind === 'library' || agent === '-', times] as const
    }),
  )

/** What the ladder is set to where nothing is set. */
export const LADDER = {
  bans: {
    on: true,
    points: { limited: 1, loginFailed: 1, trap: 20, attack: 8, scanner: 8, falseCrawler: 8 },
    threshold: 40,
    halfLifeMs: 600_000,
    steps: [0, 60_000, 600_000, 3_600_000, 86_400_000],
    stepDownMs: 86_400_000,
    exempt: [] as readonly string[],
  },
  lowered: { below: 60, share: 0.25, halfLifeMs: 3_600_000 },
  threats: { lists: {}, points: 30, refuse: false },
}

type Line = readonly [
  client: number,
  second: number,
  method: string,
  url: string,
  status: number,
  agent: string,
]

/** Which clients of a log would have been warned, were each post to a login form a wrong password. */
export const attackersOf = (trap: string | null): Counts => {
  const log = read<Line[]>('hacked-log')
  const known = new Map<number, ReputationsTable>()
  const stepped = new Set<number>()
  for (const [client, second, method, url, , agent] of log) {
    const deeds: Deeds = {
      ...(trap !== null && url.startsWith(trap) && { trap: 1 }),
      ...(method === 'POST' && url.startsWith('/login_form') && { loginFailed: 1 }),
      ...(signsOf(url).length > 0 && { attack: 1 }),
      ...(kindOf(agent) === 'scanner' && { scanner: 1 }),
    }
    if (Object.keys(deeds).length === 0) continue
    const now = new Date(second * 1000)
    const { row, step } = worsened(
      known.get(client),
      { network: String(client), deeds, listed: false },
      LADDER,
      now,
    )
    known.set(client, row)
    if (step) stepped.add(client)
  }
  const attackers = new Set(
    log.flatMap(([client, , , url]) => (url.startsWith('/join_form') ? [client] : [])),
  )
  const clients = [...new Set(log.map(([client]) => client))]
  return count(clients.map((client) => [attackers.has(client), stepped.has(client), 1] as const))
}

/** Attacks in the address, against harmless values of parameters. */
export const parameterValues = (): Counts => {
  const { harmless, attacks } = read<{ harmless: string[]; attacks: [string, string][] }>('parameter-values')
  const isSeen = (value: string) => signsOf(`/search?q=${encodeURIComponent(value)}`).length > 0
  return count([
    ...attacks.map(([, value]) => [true, isSeen(value), 1] as const),
    ...harmless.map((value) => [false, isSeen(value), 1] as const),
  ])
}

/** Requests that a rule set of others tests itself with; those that it must let pass are near misses on purpose. */
export const ruleRequests = (): Counts =>
  count(
    read<[string, boolean, string][]>('rule-requests').map(
      ([, attack, url]) => [attack, signsOf(url).length > 0, 1] as const,
    ),
  )
