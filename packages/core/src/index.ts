import { contract, walk } from '@plinth/contract'
import type { System } from '@plinth/kit'
import { coreMigrations } from '../migrations/index.ts'
import { access } from './access/explain.ts'
import { createDisposable } from './accounts/disposable.ts'
import { accounts } from './accounts/handlers.ts'
import { createPasswords } from './accounts/passwords.ts'
import { createWeakness } from './accounts/weak-passwords.ts'
import { addressRules } from './address-rules/handlers.ts'
import { apiKeys } from './api-keys/handlers.ts'
import { auditEntries } from './audit-entries/handlers.ts'
import { bans } from './bans/handlers.ts'
import { devices } from './devices/handlers.ts'
import { failures } from './failures/handlers.ts'
import { createGuard, type RequestGuard } from './guard/guard.ts'
import { identities } from './identities/handlers.ts'
import { coreInvariants } from './invariants.ts'
import { jobs } from './jobs/handlers.ts'
import { logLevels } from './log-levels/handlers.ts'
import { passkeys } from './passkeys/handlers.ts'
import { forgottenPasswords } from './passwords/handlers.ts'
import { portals } from './portals/handlers.ts'
import { reputations } from './reputations/handlers.ts'
import { requests } from './requests/handlers.ts'
import { roles } from './roles/handlers.ts'
import { schedules } from './schedules/handlers.ts'
import { secondFactors } from './second-factors/handlers.ts'
import { signInDeps } from './sessions/deps.ts'
import { sessions } from './sessions/handlers.ts'
import type { CoreDeps } from './settings.ts'
import { statements } from './statements/handlers.ts'
import { subscribersOf } from './subscribers.ts'
import { coreTasks } from './tasks.ts'
import { users } from './users/handlers.ts'
import { webhookDeliveries } from './webhook-deliveries/handlers.ts'
import { deliver } from './webhooks/deliver.ts'
import { TELL, tellDisabled } from './webhooks/disable.ts'
import { fanOut } from './webhooks/fan-out.ts'
import { webhooks } from './webhooks/handlers.ts'
import { createHosts } from './webhooks/hosts.ts'
import { DELIVER } from './webhooks/job.ts'

export { coreMigrations } from '../migrations/index.ts'
export { type Role, roles } from './access/roles.ts'
export { hasWayIn, type WaysIn, waysIn } from './access/ways-in.ts'
export { createAccount, type NewAccount } from './accounts/create-account.ts'
export { createKeyAuthenticator } from './api-keys/authenticate.ts'
export { type BackupOutcome, lastBackups, recordBackup } from './backups/record.ts'
export type { CoreDb } from './db.ts'
export { createFailureRecorder, type FailureRecorder } from './failures/recorder.ts'
export type { RequestGuard } from './guard/guard.ts'
export { safeRedirect } from './guard/redirects.ts'
export { coreInvariants } from './invariants.ts'
export { KEEP_EXPIRED_MS } from './purge.ts'
export { demandSecondFactor, type SecondFactorDeps } from './second-factors/demand.ts'
export { createAuthenticator } from './sessions/authenticator.ts'
export { createTableLogins } from './sessions/table-logins.ts'
export type { CoreDeps, CoreSettings, Defence } from './settings.ts'
export { newToken } from './tokens.ts'
export { giveRole } from './users/give-role.ts'

// The contract holds a client to it before anything is read.
const MAX_IMAGE_BYTES = 2_000_000

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
  const weakness = createWeakness(deps.settings.passwords.minScore)
  const isDisposable = createDisposable(deps.settings.accounts.refuseDisposable)
  const { concurrency, perHost } = deps.settings.webhooks
  const signingIn = signInDeps(deps, passwords)
  deps.jobs.handle(DELIVER, deliver(deps, createHosts(perHost)), { concurrency })
  deps.jobs.handle(TELL, tellDisabled(deps))
  return {
    guard: deps.settings.guard.on ? guard : null,
    implementations: {
      access,
      accounts: accounts(signingIn, { weakness, isDisposable }),
      ...forgottenPasswords({ ...deps, passwords, weakness }),
      apiKeys: apiKeys(deps),
      addressRules,
      auditEntries,
      bans,
      devices: devices(logins),
      failures,
      identities: identities({ ...deps, ...signingIn, isDisposable }),
      jobs: jobs(deps.jobs),
      logLevels: logLevels(deps.log),
      passkeys: passkeys(signingIn),
      ...portals({ ...signingIn, weakness, files: deps.files, maxImageBytes: MAX_IMAGE_BYTES }),
      reputations: reputations({ guard, settings: deps.settings.guard }),
      requests,
      roles: roles(logins, deps.settings.accounts.maxRoles),
      schedules: schedules(deps.schedules),
      secondFactors: secondFactors(signingIn.secondFactors, deps.settings.secondFactors),
      sessions: sessions(signingIn),
      statements: statements(deps.db),
      users: users(signingIn),
      webhookDeliveries,
      webhooks: webhooks(deps),
    },
    migrations: coreMigrations,
    invariants: coreInvariants,
    subscribers: subscribersOf(deps, guard),
    followers: [fanOut(deps)],
    tasks: coreTasks(deps, guard),
  }
}
