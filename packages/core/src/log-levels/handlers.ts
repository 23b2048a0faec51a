import { contract } from '@plinth/contract'
import type { Log } from '@plinth/kit'
import { implement } from '../implement.ts'

/** The log levels of this process. */
export const logLevels = (log: Log) =>
  implement(contract.core.logLevels, {
    async list() {
      return { items: Object.entries(log.levels()).map(([module, level]) => ({ module, level })) }
    },

    async set({ input: { module, level }, ctx, fail }) {
      if (!(module in log.levels())) fail('NOT_FOUND')
      log.setLevel(level, module)
      ctx.audit({ target: module })
      return { module, level }
    },
  })
