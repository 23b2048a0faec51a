import { common, type Failure, type StreamBounds } from '@plinth/kit'
import type { WebSocket } from 'ws'
import type { Settings } from '../settings.ts'
import type { Gate } from './gate.ts'

/** What all streams of a server are counted by. */
export interface Gates {
  /** Requests at work, and the calls of WebSockets. */
  readonly gate: Gate
  /** Subscriptions that are open. */
  readonly subscriptions: Gate
}

/** Refuses what would be too much for now. */
export const overloaded = (): Failure => common('OVERLOADED', { headers: { 'retry-after': '1' } })

const placeIn = ({ subscriptions }: Gates): (() => void) => {
  if (!subscriptions.admits('')) throw overloaded()
  return subscriptions.enter()
}

/** What bounds a stream over HTTP: its calls are in flight with the request, a subscription until it is open. */
export const requestBounds = (gates: Gates): StreamBounds => ({
  hold: (index, work) => (index === null ? gates.gate.hold(work) : work()),
  subscribe: () => placeIn(gates),
  sending() {},
})

interface SocketDeps extends Gates {
  readonly settings: Settings['http']
  readonly isDraining: () => boolean
}

/** What bounds the calls of one WebSocket, over which any number may come without waiting for answers. */
export const socketBounds = (client: WebSocket, deps: SocketDeps): StreamBounds => {
  const { gate, settings, isDraining } = deps
  const { maxBatch, maxSocketSubscriptions, maxUnsentBytes } = settings
  let open = 0
  const sending = () => {
    // Who asks and does not read would have us keep all answers for it.
    if (client.bufferedAmount > maxUnsentBytes) client.terminate()
  }
  return {
    async hold(index, work) {
      sending()
      // Subscriptions have a bound of their own: a client that comes back asks for all of them in one message.
      if (index !== null && index >= maxBatch) throw common('TOO_LARGE')
      if (isDraining() || !gate.admits('')) throw overloaded()
      return gate.hold(work)
    },
    subscribe() {
      if (open >= maxSocketSubscriptions) throw common('TOO_MANY_REQUESTS')
      const leave = placeIn(deps)
      open++
      return () => {
        open--
        leave()
      }
    },
    sending,
  }
}
