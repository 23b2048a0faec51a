import { migrate } from '@plinth/db'
import { compose } from '../compose.ts'
import { readConfig } from '../config.ts'
import { logFor } from '../log.ts'
import { withSecret } from '../own-secret.ts'
import { obeySignals, patienceOf } from '../signals.ts'
import { allMigrations, plinth } from '../systems.ts'
import { startWorker } from '../worker.ts'
import { type Command, readArguments, UsageError } from './command.ts'

/** Runs until it is told to end. */
export const workerCommand: Command = {
  usage: 'worker',
  does: 'runs events, jobs and schedules without the API; set background.on to false for the API beside it',
  async run(args, { env, print }) {
    if (readArguments(args).plain.length > 0) throw new UsageError('It takes no arguments')
    const settings = withSecret(readConfig(env))
    const composed = await compose(settings, plinth, { log: logFor(settings) })
    try {
      await migrate(composed.db, allMigrations())
      const { url, stop } = await startWorker(composed, settings)
      const reload = () => composed.live.reload(() => withSecret(readConfig(env)))
      obeySignals({ stop, reload, patienceMs: patienceOf(settings) }, composed.log)
      print(`Plinth works in the background and listens on ${url} for /health, /ready and /metrics`)
    } catch (error) {
      await composed.close()
      throw error
    }
  },
}
