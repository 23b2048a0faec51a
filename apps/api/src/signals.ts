import type { Log } from '@plinth/kit'

/**
 * Does what the process is told to: SIGINT and SIGTERM stop what runs, and a failure of that is the exit code 1; SIGHUP
 * reads the configuration again.
 */
export const obeySignals = ({ stop, reload }: { stop(): Promise<void>; reload(): void }, log: Log): void => {
  let stopping = false
  const end = (): void => {
    // A terminal tells the whole group, and the one that started us tells us again.
    if (stopping) return
    stopping = true
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
