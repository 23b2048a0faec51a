import {
  type CompiledQuery,
  createQueryId,
  type DialectAdapter,
  type Kysely,
  type RawBuilder,
  sql,
} from 'kysely'
import type { ReadDb, WriteDb } from './database.ts'

/** Stands for a parameter of a compiled query; its value is bound per call. */
export type Placeholder<P> = <K extends keyof P & string>(name: K) => RawBuilder<P[K]>

/** A query that is built and compiled once; each call binds its parameters alone. */
export interface Compiled<T, P, R> {
  /** All rows. */
  (db: ReadDb<T> | WriteDb<T>, params: P): Promise<R[]>
  /** The first row; give the query a `limit(1)` where it could find more. */
  first(db: ReadDb<T> | WriteDb<T>, params: P): Promise<R | undefined>
}

class Named {
  readonly name: string
  constructor(name: string) {
    this.name = name
  }
}

interface Plan<P> {
  readonly query: CompiledQuery
  readonly values: readonly ((params: P) => unknown)[]
}

const queryId = createQueryId()

const planOf = <P>(query: CompiledQuery): Plan<P> => ({
  query,
  values: query.parameters.map((parameter) =>
    parameter instanceof Named ? (params: P) => params[parameter.name as keyof P] : () => parameter,
  ),
})

/**
 * Makes a query whose text is the same on every call: `compiled<Tables, { slug: string }>()((db, p) =>
 * db.selectFrom('products').selectAll().where('slug', '=', p('slug')))`. Lists of varying length can't be
 * parameters, and plugins of the handle do not apply.
 */
export const compiled =
  <T, P extends object>() =>
  <R>(build: (db: ReadDb<T>, p: Placeholder<P>) => { compile(): CompiledQuery<R> }): Compiled<T, P, R> => {
    // An adapter is one object per engine, so this holds one plan per engine.
    const plans = new WeakMap<DialectAdapter, Plan<P>>()

    const run = async (db: ReadDb<T> | WriteDb<T>, params: P): Promise<R[]> => {
      const executor = (db as unknown as Kysely<T>).getExecutor()
      let plan = plans.get(executor.adapter)
      if (!plan) {
        plan = planOf(build(db as ReadDb<T>, (name) => sql`${new Named(name)}`).compile())
        plans.set(executor.adapter, plan)
      }
      const { query, values } = plan
      const parameters = values.map((value) => value(params))
      const result = await executor.executeQuery<R>({
        query: query.query,
        sql: query.sql,
        parameters,
        queryId,
      })
      return result.rows
    }

    return Object.assign(run, {
      first: async (db: ReadDb<T> | WriteDb<T>, params: P) => (await run(db, params))[0],
    })
  }
