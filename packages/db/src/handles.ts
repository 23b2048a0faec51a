import {
  CompiledQuery,
  type ConnectionProvider,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type KyselyProps,
  Transaction,
} from 'kysely'
import type { Reads } from './dialect/types.ts'
import { DirectExecutor } from './executor.ts'

type Run = ConstructorParameters<typeof DirectExecutor>[3]

const command = async (connection: DatabaseConnection, text: string) => {
  await connection.executeQuery(CompiledQuery.raw(text))
}

// Transactions of a read handle are snapshots; opening and closing connections is the engine's business.
const driverOf = (engine: Reads): Driver => {
  const refuse = () => Promise.reject(new Error('use the handle itself, or Database.close()'))
  const releases = new WeakMap<DatabaseConnection, () => void>()
  return {
    init: () => Promise.resolve(),
    async acquireConnection() {
      const { connection, release } = await engine.reserve()
      releases.set(connection, release)
      return connection
    },
    async releaseConnection(connection) {
      releases.get(connection)?.()
    },
    beginTransaction: (connection) => command(connection, engine.snapshot),
    commitTransaction: (connection) => command(connection, 'commit'),
    rollbackTransaction: (connection) => command(connection, 'rollback'),
    destroy: refuse,
  }
}

/** The handles of one database: the one that reads, and one per transaction. */
export const createHandles = (engine: Reads) => {
  const driver = driverOf(engine)
  const dialect = { ...engine.kysely, createDriver: () => driver }
  const compiler = dialect.createQueryCompiler()
  const adapter = dialect.createAdapter()
  const propsOf = (connections: ConnectionProvider, run: Run): KyselyProps => ({
    config: { dialect },
    dialect,
    driver,
    executor: new DirectExecutor(compiler, adapter, connections, run),
  })

  const reserved: ConnectionProvider = {
    async provideConnection(consumer) {
      const connection = await driver.acquireConnection()
      try {
        return await consumer(connection)
      } finally {
        await driver.releaseConnection(connection)
      }
    },
  }

  return {
    /** Single statements go to any read connection, whatever is longer gets one alone. */
    read: new Kysely<unknown>(propsOf(reserved, (query) => engine.read(query))),
    /** A handle on one connection; after `end()` it refuses every statement. */
    transaction(connection: DatabaseConnection) {
      let ended = false
      const check = () => {
        if (ended) throw new Error('the transaction has ended: await every statement inside it')
      }
      const connections: ConnectionProvider = {
        async provideConnection(consumer) {
          check()
          return consumer(connection)
        },
      }
      const run = async (query: CompiledQuery) => {
        check()
        return connection.executeQuery(query)
      }
      const end = () => {
        ended = true
      }
      return { trx: new Transaction<unknown>(propsOf(connections, run)), end }
    },
  }
}
