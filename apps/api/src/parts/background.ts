import type { Database } from '@plinth/db'
import {
  type Background,
  type Clock,
  createBackground,
  createDispatcher,
  type Follower,
  type Jobs,
  type KitTables,
  type Log,
  type Metrics,
  type Schedules,
  type Subscriber,
  type Tracer,
} from '@plinth/kit'
import type { BrokerPart } from './broker.ts'
import type { Monitor } from './monitor.ts'

interface BackgroundDeps {
  readonly subscribers: readonly Subscriber[]
  readonly followers: readonly Follower[]
  readonly broker: BrokerPart
  readonly db: Database<KitTables>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly tracer: Tracer | null
  readonly jobs: Jobs
  readonly schedules: Schedules
  readonly monitor: Monitor
}

/** What a process does by itself: events, jobs, schedules, and the looks of the monitor. */
export const backgroundPart = ({
  subscribers,
  followers,
  broker,
  log,
  monitor,
  tracer,
  ...deps
}: BackgroundDeps): Background => {
  const dispatcher = createDispatcher(subscribers, { ...deps, tracer }, [
    ...followers,
    ...broker.followers(deps),
  ])
  const background = createBackground({ ...deps, log: log.module('background'), dispatcher })
  const { wake } = background
  return {
    ...background,
    // What a request leaves to be done is no part of its span.
    wake: tracer ? () => tracer.detached(wake) : wake,
    start() {
      background.start()
      monitor.start()
    },
  }
}
