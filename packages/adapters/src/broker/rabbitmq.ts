import { setImmediate } from 'node:timers/promises'
import { type Dependency, type DomainEvent, type EventSink, type Logger, OutsideError } from '@plinth/kit'
import type { Connection, Publisher } from 'rabbitmq-client'

/** How events are handed to RabbitMQ. Times are milliseconds. */
export interface RabbitMqSettings {
  /** `amqp://user:password@host:port/vhost`, or `amqps:` for TLS. */
  readonly url: string
  /** A durable topic exchange; it is declared before the first event. */
  readonly exchange: string
  /** Whether an event that reaches no queue counts as not published. */
  readonly mandatory: boolean
  readonly connectMs: number
}

/** A sink that holds a connection. */
export interface RabbitMq extends EventSink {
  /** Whether it is connected, and how many events reached no queue since start. */
  stats(): { readonly up: number; readonly unroutable: number }
  close(): Promise<void>
}

const envelopeOf = ({ id, type, timestamp, traceparent }: DomainEvent, exchange: string) => ({
  exchange,
  routingKey: type,
  // What nobody has bound a queue for comes back, and is counted.
  mandatory: true,
  durable: true,
  messageId: id,
  contentType: 'application/json',
  timestamp: Math.floor(Date.parse(timestamp) / 1000),
  type,
  ...(traceparent !== null && { headers: { traceparent } }),
})

/**
 * Publishes events to RabbitMQ and waits for the confirm of each. Library and connection are there from the first event
 * on; a connection that is lost is made anew by the library, and what was not confirmed by then is published again by its job.
 */
export const createRabbitMq = (settings: RabbitMqSettings, dependency: Dependency, log: Logger): RabbitMq => {
  const { url, exchange, mandatory, connectMs } = settings
  const returned = new Set<string>()
  let unroutable = 0
  let connection: Connection | undefined
  let opening: Promise<Publisher> | undefined

  const open = async (): Promise<Publisher> => {
    const { Connection } = await import('rabbitmq-client')
    connection = new Connection({
      url,
      connectionName: 'plinth',
      connectionTimeout: connectMs,
      acquireTimeout: connectMs,
      retryLow: Math.min(200, connectMs),
      // No longer than this after its return is a broker in use again.
      retryHigh: 2 * connectMs,
      noDelay: true,
    })
    connection.on('error', (error: unknown) =>
      log.warn({ err: error }, 'the connection to the broker failed'),
    )
    connection.on('connection.blocked', (reason) => log.warn({ reason }, 'the broker takes no messages now'))
    const publisher = connection.createPublisher({
      confirm: true,
      exchanges: [{ exchange, type: 'topic', durable: true }],
    })
    publisher.on('basic.return', ({ messageId = '' }) => returned.add(messageId))
    return publisher
  }

  const publish = async (event: DomainEvent): Promise<void> => {
    opening ??= open()
    const publisher = await opening
    const { id, type, timestamp, data } = event
    const body = Buffer.from(JSON.stringify({ id, type, timestamp, data }))
    let reachedNobody: boolean
    try {
      await publisher.send(envelopeOf(event, exchange), body)
      // A message comes back before it is confirmed, but the library tells of it a turn later.
      await setImmediate()
    } finally {
      reachedNobody = returned.delete(id)
    }
    if (!reachedNobody) return
    unroutable += 1
    log.debug({ event: id, type }, 'no queue is bound for an event')
    if (mandatory) throw new OutsideError('broker', 'refused', { cause: new Error(`no queue takes ${type}`) })
  }

  return {
    // Consumers tell repetitions by the id, so that it may be sent twice.
    publish: (event, signal) => dependency.call(() => publish(event), { idempotent: true, signal }),
    stats: () => ({ up: connection?.ready === true ? 1 : 0, unroutable }),
    async close() {
      const publisher = await opening
      await publisher?.close().catch(() => undefined)
      // A broker that is away is not waited for.
      if (connection?.ready) await connection.close()
      else connection?.unsafeDestroy()
    },
  }
}
