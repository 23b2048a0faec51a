import type { Logger } from 'pino'
import type { createDispatcher } from './events.ts'
import type { Schedules } from './ports/schedules.ts'
import type { Clock, Jobs } from './ports.ts'

interface BackgroundDeps {
  readonly clock: Clock
  readonly log: Logger
  readonly jobs: Jobs
  readonly dispatcher: ReturnType<typeof createDispatcher>
  readonly schedules: Schedules
}

/** What goes on behind the answers: events handed to their subscribers, jobs run, schedules fired. */
export interface Background {
  /** Something was committed: look now rather than at the next tick. */
  wake(): void
  start(): void
  /** Waits for what runs. */
  stop(): Promise<void>
  /** Rejects when it should run and its last round failed, or is long ago. */
  check(): Promise<void>
  /** Does all that is due until nothing is left. For tests and for one-off commands. */
  settle(): Promise<void>
}

const TICK_MS = 1000
const STALLED_MS = 30_000

/** Makes the background work of one process. */
export const createBackground = ({ clock, log, jobs, dispatcher, schedules }: BackgroundDeps): Background => {
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> | undefined
  let again = false
  let roundAt = 0
  let failed = false

  const round = async (): Promise<void> => {
    try {
      await dispatcher.dispatch()
      await schedules.fire()
      jobs.poke()
      failed = false
    } catch (error) {
      failed = true
      log.error({ err: error }, 'background round failed; the next tick tries again')
    }
    roundAt = performance.now()
  }

  const loop = async (): Promise<void> => {
    do {
      again = false
      await round()
    } while (again && timer)
    running = undefined
  }

  const wake = (): void => {
    if (!timer) return
    again = true
    running ??= loop()
  }

  return {
    wake,
    start() {
      jobs.start()
      timer = setInterval(wake, TICK_MS).unref()
      roundAt = performance.now()
      wake()
    },
    async check() {
      if (failed) throw new Error('the last round of background work failed')
      if (timer && performance.now() - roundAt > STALLED_MS) throw new Error('background work has stalled')
    },
    async stop() {
      clearInterval(timer)
      timer = undefined
      await running
      await jobs.stop()
    },
    async settle() {
      let done = 0
      do {
        done = await schedules.fire()
        done += await dispatcher.dispatch()
        done += await jobs.runDue(clock.now())
      } while (done > 0)
    },
  }
}
