import { isIP } from 'node:net'
import type { Database } from '@plinth/db'
import {
  type Bus,
  type CallGuard,
  type Clock,
  type CountryLookup,
  type Exchange,
  type Failure,
  type KitTables,
  type Logger,
  type Metrics,
  type NameLookup,
  type Objection,
  type Visit,
  watchState,
} from '@plinth/kit'
import { createRangeMap, networkKey, plainAddress } from './addresses.ts'
import { createBots, isWatched } from './bot-gate.ts'
import { createJournal } from './journal.ts'
import { createJudge, createThreatsOf } from './judge.ts'
import { type Judged, prepareObserve } from './observe.ts'
import { createOffences } from './offences.ts'
import type { GuardSettings, Offence } from './settings.ts'
import { createState, type GuardState } from './state.ts'

/** What request defence is made from. */
export interface GuardDeps {
  readonly db: Database<KitTables>
  readonly clock: Clock
  readonly log: Logger
  readonly metrics: Metrics
  readonly bus: Bus
  readonly countries: CountryLookup
  readonly names: NameLookup
  readonly settings: GuardSettings
  /** Whether clients reach the server over https. */
  readonly secure: boolean
  /** Names of the procedures that take passwords and the like. */
  readonly signIns: ReadonlySet<string>
}

/** Request defence of one process. */
export interface RequestGuard extends CallGuard {
  /** Judges a request before anything is done for it; undefined lets it in. */
  admit(visit: Visit): Objection | undefined
  /** Judges a request that wants to become a WebSocket. */
  admitSocket(exchange: Exchange): Failure | undefined
  /** Is told of a request that was answered. `path`: as a log may show it. */
  answered(visit: Visit, status: number, path: string): void
  /** Reads bans, rules, lists and reputations anew. */
  refresh(): Promise<void>
  /** Tells all processes that they changed. */
  changed(): Promise<void>
  /** The imported lists that name an address. */
  threatsOf(address: string): readonly string[]
  /** Writes what was noticed; answers when it is written and followed from. */
  flush(): Promise<void>
  start(): void
  stop(): Promise<void>
}

const CHANNEL = 'guard'

/** What a failed call says of whoever made it. */
const offenceOf = (procedure: string, failure: Failure, signIns: ReadonlySet<string>): Offence | null => {
  if (failure.code === 'TOO_MANY_REQUESTS') return 'limited'
  const isGuess =
    failure.code === 'ACCOUNT_LOCKED' ||
    (failure.spec.kind === 'unauthenticated' && !failure.code.startsWith('TOKEN_'))
  return isGuess && signIns.has(procedure) ? 'loginFailed' : null
}

/** Makes the deeds of addresses count, save those that stand for many or for ourselves. */
const createNote = (deps: GuardDeps, count: (network: string, offence: Offence) => boolean) => {
  const exempt = createRangeMap<true>()
  for (const range of deps.settings.bans.exempt) exempt.add(range, true)
  return (address: string, offence: Offence): boolean => {
    const plain = plainAddress(address)
    if (isIP(plain) === 0 || exempt.find(plain).length > 0) return false
    return count(networkKey(plain), offence)
  }
}

/** Runs one piece of work at a time; who asks meanwhile waits for one that begins afterwards. */
const oneAtATime = (work: () => Promise<void>): (() => Promise<void>) & { idle(): Promise<void> } => {
  let last: Promise<void> = Promise.resolve()
  const idle = () => last.catch(() => undefined)
  const run = () => {
    last = idle().then(work)
    return last
  }
  return Object.assign(run, { idle })
}

const createWriter = (
  deps: GuardDeps,
  state: GuardState,
  { clientOf, caught }: Pick<ReturnType<typeof createBots>, 'clientOf' | 'caught'>,
) => {
  const { settings, log, bus, metrics, clock, db } = deps
  const offences = createOffences({ db, clock, settings, state })
  const dropped = (requests: number) => metrics.guard.labels('dropped').inc(requests)
  const observe = prepareObserve({ settings, countries: deps.countries, clientOf, caught })
  const journal = createJournal({ db, clock, settings, observe, dropped })
  const note = createNote(deps, offences.note)
  const flush = async (): Promise<void> => {
    await journal.write(({ row, offences: found }: Judged) => {
      for (const offence of found) note(row.address, offence)
    })
    const bans = await offences.write()
    for (const { network, kind, reason, ends_at } of bans) {
      metrics.guard.labels(kind === 'ban' ? 'banned' : 'warned').inc()
      log.warn({ network, reason, until: ends_at }, `an address got a ${kind}`)
    }
    if (bans.length > 0) await bus.publish(CHANNEL, null)
  }
  return {
    note,
    add: journal.add,
    flush: oneAtATime(flush),
    waiting: () => journal.waiting() + offences.waiting(),
  }
}

const watch = ({ metrics, clock }: GuardDeps, state: GuardState, waiting: () => number): void =>
  watchState(metrics, {
    name: 'plinth_guard_state',
    help: 'What request defence holds in this process: bans, rules, reputations that are bad, threats, waiting (requests and offences to be written), age (seconds since bans and lists were read)',
    read: async () => ({
      bans: state.bans.size,
      rules: state.rules.size,
      reputations: state.reputations.size,
      threats: state.threats.size,
      waiting: waiting(),
      age: state.readAt === 0 ? 0 : (clock.now().getTime() - state.readAt) / 1000,
    }),
  })

/** Makes request defence for one process. */
export const createGuard = (deps: GuardDeps): RequestGuard => {
  const { settings, log, bus, clock, db } = deps
  const { state, refresh: read } = createState({ db, clock, settings })
  const threatsOf = createThreatsOf(state)
  const judge = createJudge(deps, { state, threatsOf })
  const bots = createBots(deps)
  const writer = createWriter(deps, state, bots)
  const refresh = oneAtATime(read)
  const timers: NodeJS.Timeout[] = []
  let unsubscribe = () => {}

  const inBackground = (work: () => Promise<void>, what: string) => () => {
    work().catch((error: unknown) => log.warn({ err: error }, `${what}; the next time tries again`))
  }
  const refreshSoon = inBackground(refresh, 'bans and lists could not be read: those known before hold')
  const flushSoon = inBackground(writer.flush, 'requests and offences could not be written')
  const tick = () => {
    if (writer.waiting() > 0) flushSoon()
  }
  watch(deps, state, writer.waiting)

  return {
    admit(visit) {
      const failure = judge.request(visit.url, visit.address)
      return failure ? { failure } : bots.objection(visit)
    },
    admitSocket: ({ url, address }) => judge.request(url, address),
    enter: judge.call,
    failed(exchange, procedure, failure) {
      const offence = offenceOf(procedure, failure, deps.signIns)
      if (offence && writer.note(exchange.address, offence) && timers.length > 0) setImmediate(flushSoon)
    },
    answered(visit, status, path) {
      if (!isWatched(visit.url)) writer.add(visit, status, path)
    },
    refresh,
    async changed() {
      await refresh()
      await bus.publish(CHANNEL, null)
    },
    threatsOf,
    flush: writer.flush,
    start() {
      if (timers.length > 0) return
      unsubscribe = bus.subscribe(CHANNEL, refreshSoon, refreshSoon)
      const { refreshMs, writeMs } = settings
      timers.push(setInterval(refreshSoon, refreshMs).unref(), setInterval(tick, writeMs).unref())
      refreshSoon()
    },
    async stop() {
      const started = timers.length > 0
      unsubscribe()
      for (const timer of timers.splice(0)) clearInterval(timer)
      if (!started) return
      await refresh.idle()
      // While the database is away there is no place for them.
      await writer
        .flush()
        .catch((err: unknown) => log.warn({ err }, 'the last requests could not be written'))
    },
  }
}
