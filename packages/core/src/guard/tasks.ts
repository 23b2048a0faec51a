import type { ScheduledTask } from '@plinth/kit'
import type { CoreDeps } from '../settings.ts'
import type { RequestGuard } from './guard.ts'
import { purgeGuard } from './purge.ts'
import { importThreats } from './threats.ts'

/** What request defence does on schedule. */
export const guardTasks = (
  { db, clock, log, defence, settings }: CoreDeps,
  guard: Pick<RequestGuard, 'changed'>,
): ScheduledTask[] => [
  {
    name: 'purge-requests',
    description: 'Deletes logged requests, bans and offences that were kept long enough',
    cron: '57 * * * *',
    run: (due, signal) => purgeGuard({ db, settings: settings.guard }, due, signal),
  },
  {
    name: 'import-threat-lists',
    description: 'Imports the lists of bad addresses that others keep',
    cron: '13 * * * *',
    async run(_, signal) {
      const { threatLists: lists } = defence
      try {
        await importThreats({ db, clock, log: log.module('guard'), lists }, signal)
      } finally {
        // Of several lists some may have been imported.
        await guard.changed()
      }
    },
  },
]
