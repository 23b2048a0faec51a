import type { Log } from '@plinth/kit'
import type { Settings } from './settings.ts'

// What follows the requests: jobs at work, and connections that are closed.
const CLOSING_MS = 10_000

/** How long a stop may take. */
export const patienceOf = ({ http }: Settings): number => http.shutdownMs + CLOSING_MS

interface Obeying {
  stop(): Promise<void>
  reload(): void
  /** Milliseconds after which a stop is broken off. */
  readonly patienceMs: number
}

/**
 * Does what the process is told to: SIGINT and SIGTERM stop what runs, and a failure of that is the exit code 1, as is
 * a part that does not come to its end; SIGHUP reads the configuration again.
 */
export const obeySignals = ({ stop, reload, patienceMs }: Obeying, log: Log): void => {
  let stopping = false
  const end = (): void => {
    // A terminal tells the whole group, and the one that started us tells us again.
    if (stopping) return
    stopping = true
    setTimeout(() => {
      log.root.fatal({ patienceMs }, 'could not stop in time; what is still at work is broken off')
      process.exit(1)
    }, patienceMs)
    stop().then(
      () => process.exit(0),
      (error: unknown) => {
        log.root.fatal({ err: error }, 'could not stop cleanly')
        process.exit(1)
      },
    )
  }
  // To a process without a terminal it says that its configuration has changed; a terminal says so that it is gone.
  process.on('SIGHUP', process.stdin.isTTY ? end : reload)
  process.on('SIGINT', end)
  process.on('SIGTERM', end)
}
