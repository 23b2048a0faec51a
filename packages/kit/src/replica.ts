import { isUnavailable, PoolTimeoutError, type ReadDb } from '@plinth/db'
import type { Dependency } from './outside/dependency.ts'
import { OutsideError } from './outside/error.ts'
import type { KitTables } from './tables.ts'

type Read<R> = (db: ReadDb<KitTables>) => Promise<R>

/** Where reads go whose answers may be seconds old. */
export interface Replica {
  /** Runs a read on the replica, and while that is away on the primary. It may be run twice, so it only reads. */
  read<R>(work: Read<R>): Promise<R>
}

interface ReplicaDeps {
  readonly replica: ReadDb<KitTables>
  readonly primary: ReadDb<KitTables>
  readonly dependency: Dependency
}

const isAway = (error: unknown): boolean => isUnavailable(error) || error instanceof PoolTimeoutError

/** Whatever else a read fails of is an answer of the replica, and would be the same on the primary. */
const settle = async <R>(read: Promise<R>): Promise<{ value: R } | { error: unknown }> => {
  try {
    return { value: await read }
  } catch (error) {
    if (isAway(error)) throw error
    return { error }
  }
}

/** Reads of a replica, with the primary to fall back to. All of one answer comes from one of the two. */
export const createReplica = ({ replica, primary, dependency }: ReplicaDeps): Replica => ({
  async read(work) {
    const settled = await dependency
      .call(() => settle(work(replica)))
      .catch((error: unknown) => {
        if (error instanceof OutsideError) return null
        throw error
      })
    if (settled === null) return work(primary)
    if ('error' in settled) throw settled.error
    return settled.value
  },
})
