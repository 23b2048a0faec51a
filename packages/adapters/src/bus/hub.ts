import type { Logger } from '@plinth/kit'

type Listener = (message: unknown) => void

interface Subscription {
  readonly listener: Listener
  readonly missed: (() => void) | undefined
}

/** Those of this process that listen, by channel. */
export interface Hub {
  /** Gives a message to those that listen now; its text is JSON. */
  deliver(channel: string, text: string): void
  subscribe(channel: string, listener: Listener, missed?: () => void): () => void
  /** Tells all that messages may have been lost. */
  tellMissed(): void
}

/** A listener gets a copy made through JSON; one that throws is logged, and the others still get theirs. */
export const createHub = (log: Logger): Hub => {
  const channels = new Map<string, Set<Subscription>>()

  const guarded = (channel: string, work: () => void): void => {
    try {
      work()
    } catch (error) {
      log.error({ err: error, channel }, 'a listener failed')
    }
  }

  return {
    deliver(channel, text) {
      // Those that listen now: who joins or leaves while it is delivered does not change it.
      for (const { listener } of Array.from(channels.get(channel) ?? []))
        guarded(channel, () => listener(JSON.parse(text)))
    },
    tellMissed() {
      for (const [channel, subscriptions] of Array.from(channels))
        for (const { missed } of Array.from(subscriptions)) if (missed) guarded(channel, missed)
    },
    subscribe(channel, listener, missed) {
      // A record of its own, so that one listener that subscribes twice is two subscriptions.
      const own: Subscription = { listener, missed }
      const subscriptions = channels.get(channel) ?? new Set()
      channels.set(channel, subscriptions.add(own))
      return () => {
        subscriptions.delete(own)
        if (subscriptions.size === 0 && channels.get(channel) === subscriptions) channels.delete(channel)
      }
    },
  }
}
