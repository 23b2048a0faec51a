import type { Logger } from '@plinth/kit'
import type { RedisLink } from '../redis/link.ts'
import { type Carrier, createSharedBus, type SharedBus } from './shared-bus.ts'

const ASK_EVERY_MS = 5000

interface RedisBusDeps {
  readonly redis: RedisLink
  readonly log: Logger
  /** How often the connection that listens is asked whether it is there. */
  readonly askEveryMs?: number
}

const createCarrier = (redis: RedisLink, askEveryMs: number): Carrier => {
  const topic = redis.key('bus')
  return {
    async send(text) {
      await redis.run((client) => client.publish(topic, text))
    },
    listen({ message, listening, lost }) {
      const client = redis.listener()
      client.on('message', (_, text) => message(text))
      client.on('ready', () => void client.subscribe(topic).then(listening, lost))
      client.on('close', () => lost(new Error('the connection was closed')))
      // A connection that nothing is sent over may be gone for hours without a sign: it is asked, and closed when no
      // answer comes.
      const ask = () => {
        if (client.status === 'ready') client.ping().catch(lost)
      }
      const timer = setInterval(ask, askEveryMs).unref()
      return async () => {
        clearInterval(timer)
        client.disconnect()
      }
    },
  }
}

/** Carries messages between processes through Redis. */
export const createRedisBus = ({ redis, log, askEveryMs = ASK_EVERY_MS }: RedisBusDeps): SharedBus =>
  createSharedBus(createCarrier(redis, askEveryMs), log)
