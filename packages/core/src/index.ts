import { contract, walk } from '@plinth/contract'
import type { System } from '@plinth/kit'
import { coreMigrations } from '../migrations/index.ts'
import { accounts } from './accounts/handlers.ts'
import { createPasswords } from './accounts/passwords.ts'
import { verificationMails } from './accounts/verification.ts'
import { addressRules } from './address-rules/handlers.ts'
import { auditEntries } from './audit-entries/handlers.ts'
import { bans } from './bans/handlers.ts'
import type { CoreDb } from './db.ts'
import { failures } from './failures/handlers.ts'
import { createGuard, type RequestGuard } from './guard/guard.ts'
import { guardTasks } from './guard/tasks.ts'
import { tellGuards } from './guard/tell.ts'
import { coreInvariants } from './invariants.ts'
import { jobs } from './jobs/handlers.ts'
import { logLevels } from './log-levels/handlers.ts'
import { purgeIdentity } from './purge.ts'
import { reputations } from './reputations/handlers.ts'
import { requests } from './requests/handlers.ts'
import { schedules } from './schedules/handlers.ts'
import { sessions } from './sessions/handlers.ts'
import type { CoreDeps } from './settings.ts'
import { statements } from './statements/handlers.ts'
import { webhookDeliveries } from './webhook-deliveries/handlers.ts'
import { deliver } from './webhooks/deliver.ts'
import { TELL, tellDisabled } from './webhooks/disable.ts'
import { fanOut } from './webhooks/fan-out.ts'
import { webhooks } from './webhooks/handlers.ts'
import { createHosts } from './webhooks/hosts.ts'
import { DELIVER } from './webhooks/job.ts'
import { tidyWebhooks } from './webhooks/purge.ts'

export { coreMigrations } from '../migrations/index.ts'
export { type Role, roles } from './access/roles.ts'
export { createAccount, type NewAccount } from './accounts/create-account.ts'
export { type BackupOutcome, lastBackups, recordBackup } from './backups/record.ts'
export type { CoreDb } from './db.ts'
export { createFailureRecorder, type FailureRecorder } from './failures/recorder.ts'
export type { RequestGuard } from './guard/guard.ts'
export { safeRedirect } from './guard/redirects.ts'
export { coreInvariants } from './invariants.ts'
export { KEEP_EXPIRED_MS } from './purge.ts'
export { createAuthenticator } from './sessions/authenticator.ts'
export { createTableLogins } from './sessions/table-logins.ts'
export type { CoreDeps, CoreSettings, Defence } from './settings.ts'
export { newToken } from './tokens.ts'

/** What every system shares, and what stands before all of them. */
export interface CoreSystem extends System<typeof contract.core> {
  /** Null where it is off. */
  readonly guard: RequestGuard | null
}

const guardOf = (deps: CoreDeps): RequestGuard => {
  const signIns = [...walk(contract)].filter(([, { limit, access }]) => {
    const group = typeof limit === 'object' ? limit.group : limit
    return group === 'auth' && access === 'public'
  })
  const { defence, settings, log, ...rest } = deps
  return createGuard({
    ...rest,
    ...defence,
    log: log.module('guard'),
    settings: settings.guard,
    secure: settings.secure,
    signIns: new Set(signIns.map(([name]) => name)),
  })
}

/** What every system shares: identity, the audit log, and request defence. */
export const core = (deps: CoreDeps): CoreSystem => {
  const guard = guardOf(deps)
  const passwords = createPasswords(deps.settings.passwordHash)
  const { logins } = deps
  const { concurrency, perHost } = deps.settings.webhooks
  deps.jobs.handle(DELIVER, deliver(deps, createHosts(perHost)), { concurrency })
  deps.jobs.handle(TELL, tellDisabled(deps))
  return {
    guard: deps.settings.guard.on ? guard : null,
    implementations: {
      accounts: accounts(passwords, logins),
      addressRules,
      auditEntries,
      bans,
      failures,
      jobs: jobs(deps.jobs),
      logLevels: logLevels(deps.log),
      reputations: reputations({ guard, settings: deps.settings.guard }),
      requests,
      schedules: schedules(deps.schedules),
      sessions: sessions({ passwords, logins, settings: deps.settings }),
      statements: statements(deps.db),
      webhookDeliveries,
      webhooks: webhooks(deps),
    },
    migrations: coreMigrations,
    invariants: coreInvariants,
    subscribers: [...verificationMails(deps), tellGuards(guard)],
    followers: [fanOut(deps)],
    tasks: [
      {
        name: 'purge-identity',
        description: 'Deletes tokens and logins that expired a week ago',
        cron: '27 * * * *',
        run: async (due) => void (await deps.db.as<CoreDb>().transaction((trx) => purgeIdentity(trx, due))),
      },
      {
        name: 'tidy-webhooks',
        description: 'Deletes deliveries that have served, and sees to those that were left behind',
        cron: '47 * * * *',
        run: (due, signal) => tidyWebhooks(deps, due, signal),
      },
      ...guardTasks(deps, guard),
    ],
  }
}
