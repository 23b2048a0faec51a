import type { ScheduledTask } from '@plinth/kit'
import { purgeApiKeys } from './api-keys/purge.ts'
import type { CoreDb } from './db.ts'
import type { RequestGuard } from './guard/guard.ts'
import { guardTasks } from './guard/tasks.ts'
import { purgeFlows } from './identities/purge.ts'
import { purgeIdentity } from './purge.ts'
import { purgeFactors } from './second-factors/purge.ts'
import type { CoreDeps } from './settings.ts'
import { tidyWebhooks } from './webhooks/purge.ts'

/** What this system does again and again. */
export const coreTasks = (deps: CoreDeps, guard: RequestGuard): readonly ScheduledTask[] => [
  ...guardTasks(deps, guard),
  {
    name: 'purge-identity',
    description: 'Deletes tokens and logins that expired a week ago',
    cron: '27 * * * *',
    run: async (due) => void (await deps.db.as<CoreDb>().transaction((trx) => purgeIdentity(trx, due))),
  },
  purgeFactors(deps.db, deps.settings.secondFactors),
  purgeFlows(deps.db),
  {
    name: 'purge-api-keys',
    description: 'Deletes nonces of old signatures, and API keys that ended a week ago',
    cron: '*/10 * * * *',
    run: (due, signal) => purgeApiKeys(deps, due, signal),
  },
  {
    name: 'tidy-webhooks',
    description: 'Deletes deliveries that have served, and sees to those that were left behind',
    cron: '47 * * * *',
    run: (due, signal) => tidyWebhooks(deps, due, signal),
  },
]
