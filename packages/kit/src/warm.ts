import { isUnavailable } from '@plinth/db'
import type { Logger } from 'pino'
import type { Exchange } from './exchange.ts'
import { LockBusyError } from './ports/lock-errors.ts'
import type { Locks } from './ports/locks.ts'
import type { Service } from './service.ts'

/** A public read whose answer is kept before anybody asks. */
export interface WarmRead {
  /** The procedure's full name, such as `commerce.products.list`. */
  readonly procedure: string
  readonly input: unknown
}

interface WarmerDeps {
  readonly service: Service
  readonly reads: readonly WarmRead[]
  readonly everyMs: number
  readonly locks: Locks
  readonly log: Logger
}

/** Keeps the answers of hot reads warm: computed at start, and again before they expire. */
export interface Warmer {
  start(): void
  /** Waits for what runs. */
  stop(): Promise<void>
  /** Computes and keeps all of them now, unless another process does; answers how many. */
  run(): Promise<number>
}

const PATIENCE_MS = 30_000

/** What stands for the request where there is none: a read for everybody looks at nothing of it. */
const exchangeFor = (procedure: string, log: Logger): Exchange => ({
  requestId: `warm-up of ${procedure}`,
  method: 'GET',
  url: '',
  address: '',
  signal: AbortSignal.timeout(PATIENCE_MS),
  log,
  header: () => undefined,
  bytes: async () => new Uint8Array(),
  text: async () => '',
  formData: async () => new FormData(),
  answerHeaders: {},
  principal: { actor: null, source: 'none', refusal: null },
})

/**
 * Makes the warmer of one server.
 * @throws {Error} when one of the reads is no procedure whose answer is kept for everybody.
 */
export const createWarmer = ({ service, reads, everyMs, locks, log }: WarmerDeps): Warmer => {
  const items = reads.map(({ procedure, input }) => {
    const warm = service.procedures.get(procedure)?.warm
    if (!warm)
      throw new Error(`${procedure} can't be kept warm: it is no read whose answer is kept for everybody`)
    return { procedure, run: () => warm(exchangeFor(procedure, log), input) }
  })
  let timer: NodeJS.Timeout | undefined
  let running: Promise<number> | undefined

  const runAll = async (): Promise<number> => {
    let done = 0
    // One after the other: warming up must not crowd out those who ask.
    for (const { procedure, run } of items) {
      try {
        await run()
        done += 1
      } catch (error) {
        log.warn({ err: error, procedure }, 'could not be kept warm; the next round tries again')
      }
    }
    return done
  }
  // Processes that share what is kept need not all compute it.
  const runOnce = async (): Promise<number> => {
    try {
      return await locks.withLock('cache.warm', { ttlMs: PATIENCE_MS, waitMs: 0 }, runAll)
    } catch (error) {
      // Another one is at it, or the store is away and keeps nothing.
      if (error instanceof LockBusyError || isUnavailable(error)) return 0
      throw error
    }
  }
  const run = (): Promise<number> => {
    running ??= runOnce().finally(() => {
      running = undefined
    })
    return running
  }
  const tick = (): void =>
    void run().catch((error: unknown) => log.error({ err: error }, 'warming up failed'))

  return {
    run,
    start() {
      if (items.length === 0) return
      timer = setInterval(tick, everyMs).unref()
      tick()
    },
    async stop() {
      clearInterval(timer)
      // Whoever began it is told how it ended; stopping only waits.
      await running?.catch(() => undefined)
    },
  }
}
