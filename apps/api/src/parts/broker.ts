import { createRabbitMq } from '@plinth/adapters'
import type { Database } from '@plinth/db'
import {
  type Clock,
  type EventSink,
  type Follower,
  isPermanent,
  type Jobs,
  type KitTables,
  type Log,
  type Metrics,
  type Outside,
  watchState,
} from '@plinth/kit'
import type { Settings } from '../settings.ts'

interface BrokerDeps {
  readonly outside: Outside
  readonly log: Log
  readonly metrics: Metrics
}

interface PublishingDeps {
  readonly db: Database<KitTables>
  readonly jobs: Jobs
  readonly clock: Clock
  readonly keepTryingMs: number
}

const JOB = 'publish-event'
// Of a job's ten attempts: those that are left are for a process that ends in between.
const ATTEMPTS = 7
const PAUSE_MS = 60_000
const AT_ONCE = 4

/** Publishes every event; while the broker is away, each goes on being tried for longer than one job lasts. */
const publishing = (sink: EventSink, deps: PublishingDeps): Follower => ({
  job: JOB,
  follows: () => true,
  concurrency: AT_ONCE,
  async run(event, { attempt }, signal) {
    try {
      await sink.publish(event, signal)
    } catch (error) {
      const now = deps.clock.now()
      const age = now.getTime() - Date.parse(event.timestamp)
      if (attempt < ATTEMPTS || age > deps.keepTryingMs || isPermanent(error)) throw error
      const runAt = new Date(now.getTime() + PAUSE_MS * (1 + Math.random()))
      await deps.db.transaction((trx) => deps.jobs.enqueue(trx, [{ name: JOB, payload: event, runAt }], now))
    }
  },
})

/** Where events go beside this server, if anywhere. */
export interface BrokerPart {
  followers(deps: Omit<PublishingDeps, 'keepTryingMs'>): readonly Follower[]
  close(): Promise<void>
}

/** The broker that the settings name; nothing is connected before there is an event. */
export const brokerPart = ({ broker }: Settings, { outside, log, metrics }: BrokerDeps): BrokerPart => {
  const { url, keepTryingMs, ...settings } = broker
  if (url === undefined) return { followers: () => [], close: async () => undefined }
  const dependency = outside.dependency('broker', { timeoutMs: settings.connectMs })
  const sink = createRabbitMq({ ...settings, url }, dependency, log.module('broker'))
  watchState(metrics, {
    name: 'plinth_broker_state',
    help: 'The broker: up (1 or 0), unroutable (events that reached no queue since the start)',
    read: async () => ({ ...sink.stats() }),
  })
  return { followers: (deps) => [publishing(sink, { ...deps, keepTryingMs })], close: sink.close }
}
