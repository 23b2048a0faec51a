import { createAlerts, createAlertWebhook } from '@plinth/adapters'
import { createFailureRecorder } from '@plinth/core'
import type { Database } from '@plinth/db'
import type { Alerts, Clock, Invariant, KitTables, Log, Metrics } from '@plinth/kit'
import type { Settings } from '../settings.ts'
import { lookAtFailures } from './failures.ts'
import { createMonitor, type Monitor } from './monitor.ts'

interface OperationsDeps {
  readonly settings: () => Settings
  readonly db: Database<KitTables>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly invariants: readonly Invariant[]
}

/** What watches over a server, and whom it tells. */
export interface Operations {
  readonly alerts: Alerts
  readonly monitor: Monitor
}

/** Makes alerts, the record of failures and the monitor that looks at both. */
export const createOperations = ({ settings, log, ...deps }: OperationsDeps): Operations => {
  const { webhook, webhookTimeoutMs } = settings().alerts
  const channel = webhook === undefined ? undefined : createAlertWebhook(webhook, webhookTimeoutMs)
  const alerts = createAlerts({ clock: deps.clock, log: log.module('alerts'), channel })
  const recorder = createFailureRecorder(deps.db, { log, clock: deps.clock })
  const thresholds = () => settings().alerts
  const monitor = createMonitor({ ...deps, log: log.module('monitor'), alerts, thresholds }, [
    lookAtFailures({ recorder, metrics: deps.metrics, thresholds }),
  ])
  return { alerts, monitor }
}
