import {
  type CompiledQuery,
  type ConnectionProvider,
  DefaultQueryExecutor,
  type DialectAdapter,
  type QueryCompiler,
  type QueryResult,
} from 'kysely'

type Run = (query: CompiledQuery) => Promise<QueryResult<unknown>>

/**
 * Runs statements without Kysely's connection handling in between, which costs more than a small read
 * itself. Whatever needs more than that (plugins, abort signals, streams) takes Kysely's own way.
 */
export class DirectExecutor extends DefaultQueryExecutor {
  readonly #run: Run

  constructor(compiler: QueryCompiler, adapter: DialectAdapter, connections: ConnectionProvider, run: Run) {
    super(compiler, adapter, connections)
    this.#run = run
  }

  override executeQuery<R>(
    query: CompiledQuery,
    options?: Parameters<DefaultQueryExecutor['executeQuery']>[1],
  ): Promise<QueryResult<R>> {
    if (options?.signal) return super.executeQuery<R>(query, options)
    return this.#run(query) as Promise<QueryResult<R>>
  }
}
