import { randomUUID } from 'node:crypto'
import { type AsyncMessage, Connection } from 'rabbitmq-client'

/** The RabbitMQ that tests share; each takes an exchange of its own. */
export const TEST_AMQP_URL = process.env.TEST_AMQP_URL ?? 'amqp://guest:guest@127.0.0.1:5672'

/** An exchange with a queue that keeps what is routed to it. */
export interface TestExchange extends AsyncDisposable {
  readonly exchange: string
  readonly messages: AsyncMessage[]
  readonly connection: Connection
  /** Binds the queue; before that nothing is kept. The exchange must be there. */
  bind(routingKey: string): Promise<void>
}

/** Listens to an exchange; the test fails when there is no RabbitMQ. */
export const testExchange = async (): Promise<TestExchange> => {
  const exchange = `test.${randomUUID()}`
  const queue = `${exchange}.all`
  const connection = new Connection({ url: TEST_AMQP_URL, acquireTimeout: 5000 })
  connection.on('error', () => undefined)
  await connection.onConnect(5000)
  const messages: AsyncMessage[] = []
  const channel = await connection.acquire()
  await channel.queueDeclare({ queue, exclusive: true })
  await channel.basicConsume({ queue, noAck: true }, (message) => messages.push(message))
  return {
    exchange,
    messages,
    connection,
    bind: (routingKey) => channel.queueBind({ queue, exchange, routingKey }),
    async [Symbol.asyncDispose]() {
      await channel.close()
      await connection.exchangeDelete({ exchange })
      await connection.close()
    },
  }
}
