import type { Bus, Logger } from '@plinth/kit'
import { createHub } from './hub.ts'

/** Carries messages within this process. */
export const createMemoryBus = ({ log }: { readonly log: Logger }): Bus => {
  const hub = createHub(log)
  return {
    async publish(channel, message) {
      hub.deliver(channel, JSON.stringify(message ?? null))
    },
    subscribe: hub.subscribe,
  }
}
