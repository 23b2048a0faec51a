import type { Notices } from '@plinth/db'
import type { Logger } from '@plinth/kit'
import { createSharedBus, type SharedBus } from './shared-bus.ts'

const CHANNEL = 'plinth_bus'

/** Carries messages between processes through the database that they share. */
export const createDatabaseBus = ({ notices, log }: { notices: Notices; log: Logger }): SharedBus =>
  createSharedBus(
    {
      send: (text) => notices.send(CHANNEL, text),
      listen: (hooks) => notices.listen(CHANNEL, hooks),
    },
    log,
  )
