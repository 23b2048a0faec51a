import { flushCompileCache } from 'node:module'
import { migrate } from '@plinth/db'
import { demoAccounts, isEmpty, loadDemo } from '@plinth/demo'
import { systemClock } from '@plinth/kit'
import { type Composed, compose } from './compose.ts'
import { readConfig } from './config.ts'
import { explain } from './explain.ts'
import { logFor } from './log.ts'
import { withSecret } from './own-secret.ts'
import { type Listening, startServer } from './server.ts'
import type { Settings } from './settings.ts'
import { obeySignals, patienceOf } from './signals.ts'
import { letPoolStandBack } from './stand-back.ts'
import { allMigrations, plinth } from './systems.ts'

const loadDemoOnce = async (composed: Composed, settings: Settings): Promise<void> => {
  if (!(settings.demo ?? settings.env === 'development')) return
  if (await isEmpty(composed.db))
    await loadDemo(composed.db, { clock: systemClock, passwordHash: settings.passwordHash })
}

/** Whether messages stay here, to be looked at. */
const isKept = ({ transport }: { readonly transport: string }): boolean => transport === 'mailbox'

const greet = ({ url }: Listening, settings: Settings): void => {
  const lines = [
    `Plinth listens on ${url}`,
    `  docs     ${url}/docs`,
    `  API      ${url}/api/v1  and  ${url}/trpc`,
  ]
  if (settings.env !== 'production' && [settings.mail, settings.sms].some(isKept))
    lines.push(`  mailbox  ${url}/mailbox`)
  if (settings.demo ?? settings.env === 'development')
    lines.push(
      `  demo accounts, password "${demoAccounts[0]?.password}":`,
      ...demoAccounts.map(({ role, email }) => `    ${role.padEnd(11)} ${email}`),
    )
  process.stdout.write(`${lines.join('\n')}\n`)
}

const main = async (): Promise<void> => {
  const settings = withSecret(readConfig(process.env))
  const composed = await compose(settings, plinth, { log: logFor(settings) })
  await migrate(composed.db, allMigrations())
  await loadDemoOnce(composed, settings)
  await letPoolStandBack()
  const listening = await startServer(composed, settings, { background: settings.background.on })
  greet(listening, settings)
  // Kept now, as a process that is killed keeps nothing for the next start.
  flushCompileCache()
  if (settings.env === 'production' && settings.mail.transport === 'mailbox')
    composed.log
      .module('mail')
      .warn('mails are kept in the database and not sent: set mail.transport to smtp, and mail.url')
  if (settings.env === 'production' && settings.sms.transport === 'mailbox')
    composed.log
      .module('sms')
      .warn('short messages are kept in the database and not sent: set sms.transport to http, and sms.url')
  const reload = () => composed.live.reload(() => withSecret(readConfig(process.env)))
  obeySignals({ stop: listening.stop, reload, patienceMs: patienceOf(settings) }, composed.log)
}

main().catch((error: unknown) => {
  process.stderr.write(`${explain(error, process.env)}\n`)
  // Connections that are open would keep the process alive.
  process.exit(1)
})
