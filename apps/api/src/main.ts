import { migrate } from '@plinth/db'
import { demoAccounts, isEmpty, loadDemo } from '@plinth/demo'
import { bufferedOutput, createLog, type Log, systemClock } from '@plinth/kit'
import { type Composed, compose } from './compose.ts'
import { ConfigError, readConfig } from './config.ts'
import { type Listening, startServer } from './server.ts'
import type { Settings } from './settings.ts'
import { allMigrations, plinth } from './systems.ts'

const loadDemoOnce = async (composed: Composed, settings: Settings): Promise<void> => {
  if (!(settings.demo ?? settings.env === 'development')) return
  if (await isEmpty(composed.db))
    await loadDemo(composed.db, { clock: systemClock, passwordHash: settings.passwordHash })
}

const greet = ({ url }: Listening, settings: Settings): void => {
  const lines = [
    `Plinth listens on ${url}`,
    `  docs     ${url}/docs`,
    `  API      ${url}/api/v1  and  ${url}/trpc`,
  ]
  if (settings.env !== 'production') lines.push(`  mailbox  ${url}/mailbox`)
  if (settings.demo ?? settings.env === 'development')
    lines.push(
      `  demo accounts, password "${demoAccounts[0]?.password}":`,
      ...demoAccounts.map(({ role, email }) => `    ${role.padEnd(8)} ${email}`),
    )
  process.stdout.write(`${lines.join('\n')}\n`)
}

const logFor = ({ env, log }: Settings): Log => {
  if (env !== 'production') return createLog(log)
  const output = bufferedOutput()
  // However the process ends, what was logged before it is written.
  process.on('exit', output.close)
  return createLog(log, output.destination)
}

const main = async (): Promise<void> => {
  const settings = readConfig(process.env)
  const composed = await compose(settings, plinth, { log: logFor(settings) })
  await migrate(composed.db, allMigrations())
  await loadDemoOnce(composed, settings)
  const listening = await startServer(composed, settings)
  greet(listening, settings)
  let stopping = false
  const stop = (): void => {
    // A terminal tells the whole group, and the one that started us tells us again.
    if (stopping) return
    stopping = true
    listening.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        composed.log.root.fatal({ err: error }, 'could not stop cleanly')
        process.exit(1)
      },
    )
  }
  process.on('SIGINT', stop)
  process.on('SIGTERM', stop)
}

main().catch((error: unknown) => {
  const text =
    error instanceof ConfigError
      ? error.message
      : error instanceof Error
        ? (error.stack ?? error.message)
        : String(error)
  process.stderr.write(`${text}\n`)
  process.exitCode = 1
})
