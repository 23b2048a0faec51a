import { randomUUID } from 'node:crypto'
import { UnavailableError } from '@plinth/db'
import type { Bus, Logger } from '@plinth/kit'
import { createHub } from './hub.ts'

/** What carries texts between processes: every one that listens gets each, the sender too. */
export interface Carrier {
  send(text: string): Promise<void>
  listen(hooks: CarrierHooks): () => Promise<void>
}

/** What a carrier tells. */
interface CarrierHooks {
  message(text: string): void
  /** It listens, for the first time or again. */
  listening(): void
  lost(error: unknown): void
}

/** A bus between processes, with the state of its connection. */
export interface SharedBus extends Bus {
  isListening(): boolean
  /** Rejects while somebody listens and does not hear the other processes. */
  check(): Promise<void>
  close(): Promise<void>
}

const MOST_CHARACTERS = 1024 * 1024

/**
 * A bus between processes. Those of this process that listen get a message at once, whatever becomes of the carrier,
 * and its way back to its sender is ignored.
 */
export const createSharedBus = (carrier: Carrier, log: Logger): SharedBus => {
  const hub = createHub(log)
  const origin = randomUUID()
  let listening = false
  let stop: (() => Promise<void>) | undefined

  const hooks: CarrierHooks = {
    message(text) {
      const [from = '', channel = ''] = text.split('\n', 2)
      if (from !== origin) hub.deliver(channel, text.slice(from.length + channel.length + 2))
    },
    listening() {
      listening = true
      log.info('other processes are heard')
      hub.tellMissed()
    },
    lost(error) {
      if (listening) log.warn({ err: error }, 'other processes are not heard; the connection is tried again')
      listening = false
    },
  }

  return {
    subscribe(channel, listener, missed) {
      // A process in which nobody listens needs no connection for it.
      stop ??= carrier.listen(hooks)
      return hub.subscribe(channel, listener, missed)
    },
    async publish(channel, message) {
      const text = JSON.stringify(message ?? null)
      if (text.length > MOST_CHARACTERS)
        throw new RangeError(`a message of ${text.length} characters is too long`)
      hub.deliver(channel, text)
      await carrier.send(`${origin}\n${channel}\n${text}`)
    },
    isListening: () => listening,
    async check() {
      if (stop && !listening) throw new UnavailableError('other processes are not heard')
    },
    async close() {
      await stop?.()
      listening = false
    },
  }
}
