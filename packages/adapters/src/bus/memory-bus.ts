import type { Bus, Logger } from '@plinth/kit'

type Listener = (message: unknown) => void

/**
 * Carries messages within this process. A listener gets a copy made through JSON, as from another process;
 * one that throws is logged, and the others still get theirs.
 */
export const createMemoryBus = ({ log }: { readonly log: Logger }): Bus => {
  const channels = new Map<string, Set<Listener>>()

  const deliver = (channel: string, listener: Listener, text: string): void => {
    try {
      listener(JSON.parse(text))
    } catch (error) {
      log.error({ err: error, channel }, 'a listener failed')
    }
  }

  return {
    async publish(channel, message) {
      const text = JSON.stringify(message ?? null)
      // Those that listen now: who joins or leaves while it is delivered does not change it.
      for (const listener of Array.from(channels.get(channel) ?? [])) deliver(channel, listener, text)
    },
    subscribe(channel, listener) {
      // A function of its own, so that one listener that subscribes twice is two subscriptions.
      const own: Listener = (message) => listener(message)
      const listeners = channels.get(channel) ?? new Set()
      channels.set(channel, listeners.add(own))
      return () => {
        listeners.delete(own)
        if (listeners.size === 0 && channels.get(channel) === listeners) channels.delete(channel)
      }
    },
  }
}
