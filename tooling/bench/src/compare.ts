import { checkEqual } from './check-equal.ts'
import { type Load, startLoad } from './load.ts'
import type { DatabaseName, Options, Work } from './options.ts'
import { prepareDatabase } from './prepare.ts'
import { findCores, memoryMb, processorUs } from './processes.ts'
import { type Result, resultOf } from './rows.ts'
import { type Server, startFloor, startPlinth } from './servers.ts'
import { signIn, someSlugs, someUsers } from './session.ts'
import type { Round, Weighed } from './statistics.ts'
import { workloads } from './works/index.ts'
import type { Given, Requests } from './works/types.ts'

interface Target {
  readonly server: Server
  readonly requests: Requests
  readonly connections: number
  readonly rate?: number
}

interface Bench {
  readonly database: DatabaseName
  readonly options: Options
  readonly load: Load
  readonly floor: Server
  readonly plinth: Server
  readonly given: Given
}

const measure = async ({ load, database }: Bench, target: Target, seconds: number): Promise<Weighed> => {
  const { requests, server, connections, rate } = target
  const before = processorUs(server.pid)
  const measured = await load.run({
    url: server.url,
    asked: requests.asked,
    seconds,
    connections,
    ...(rate !== undefined && { rate }),
    awake: database === 'sqlite' && rate === undefined,
  })
  const after = processorUs(server.pid)
  const cpuUs = before === null || after === null ? Number.NaN : (after - before) / measured.answers
  return { ...measured, cpuUs }
}

// Once through all targets, the other way round every second time, so that what drifts favours none.
const measureAll = async (bench: Bench, targets: readonly Target[], turn: number): Promise<Weighed[]> => {
  const results = new Map<Target, Weighed>()
  for (const target of turn % 2 === 0 ? targets : targets.toReversed())
    results.set(target, await measure(bench, target, bench.options.seconds))
  return targets.flatMap((target) => results.get(target) ?? [])
}

/** Measures one work on every wire in turn with the floor. */
const compareWork = async (bench: Bench, work: Work, warmUpSeconds: number): Promise<Result[]> => {
  const { options, given, floor, plinth, database } = bench
  const workload = workloads[work]
  const wires = options.wires.filter((wire) => workload.wires?.includes(wire) ?? true)
  const pressure = {
    connections: workload.connections ?? options.connections,
    ...(workload.rate !== undefined && { rate: workload.rate }),
  }
  const base: Target = { server: floor, requests: workload.floor(given), ...pressure }
  const targets = wires.map((wire): Target => {
    return { server: plinth, requests: workload.plinth(wire, given), ...pressure }
  })
  if (workload.checked) for (const target of targets) await checkEqual(base, target)
  for (const target of [base, ...targets]) await measure(bench, target, warmUpSeconds)
  const rounds = wires.map((): Round[] => [])
  for (let turn = 0; turn < options.rounds; turn += 1) {
    const [lowest, ...others] = await measureAll(bench, [base, ...targets], turn)
    if (!lowest || lowest.errors > 0)
      throw new Error(`the floor failed ${lowest?.errors} requests of ${work}`)
    for (const [at, measured] of others.entries()) rounds[at]?.push({ floor: lowest, plinth: measured })
  }
  const memory = memoryMb(plinth.pid)
  return wires.map((wire, at) => resultOf({ database, wire, work }, rounds[at] ?? [], memory))
}

const FEW_USERS = 10
const MANY_USERS = 50

const usersOf = ({ works }: Options): number => (works.includes('mixed-200-users') ? MANY_USERS : FEW_USERS)

// New processes have yet to be compiled, so the first work warms them up for longer.
const warmUpOf = (seconds: number, isFirst: boolean): number =>
  isFirst ? Math.min(4, 2 * seconds) : Math.min(1, seconds)

/** Measures all works on one database: a fresh one, with the floor and Plinth on it side by side. */
export const compareOn = async (
  database: DatabaseName,
  options: Options,
  tell: (result: Result) => void,
): Promise<Result[]> => {
  const cores = findCores()
  await using prepared = await prepareDatabase(database)
  const common = { databaseUrl: prepared.url, core: cores?.server }
  await using floor = await startFloor(common)
  await using load = startLoad(cores?.load)
  await using servers = new AsyncDisposableStack()
  const started = new Map<boolean, Server>()
  const plinthOf = async (cached: boolean): Promise<Server> => {
    const known = started.get(cached)
    if (known) return known
    const server = servers.use(await startPlinth({ ...common, cached }))
    started.set(cached, server)
    return server
  }
  const first = await plinthOf(options.cached)
  const given = {
    slugs: await someSlugs(first.url),
    users: await someUsers(first.url, usersOf(options)),
    manager: await signIn(first.url, prepared.manager),
  }
  const results: Result[] = []
  for (const work of options.works) {
    const warmUp = warmUpOf(options.seconds, results.length === 0)
    const plinth = await plinthOf(options.cached || workloads[work].cached === true)
    const bench = { database, options, load, floor, plinth, given }
    for (const result of await compareWork(bench, work, warmUp)) {
      results.push(result)
      tell(result)
    }
  }
  return results
}
