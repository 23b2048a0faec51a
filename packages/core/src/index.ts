import type { contract } from '@plinth/contract'
import type { System } from '@plinth/kit'
import { coreMigrations } from '../migrations/index.ts'
import { access } from './access/explain.ts'
import { createDisposable } from './accounts/disposable.ts'
import { accounts } from './accounts/handlers.ts'
import { accountNotices } from './accounts/notices.ts'
import { passwordMails } from './accounts/password-mails.ts'
import { createPasswords } from './accounts/passwords.ts'
import { verificationMails } from './accounts/verification.ts'
import { createWeakness } from './accounts/weak-passwords.ts'
import { apiKeys } from './api-keys/handlers.ts'
import { auditEntries } from './audit-entries/handlers.ts'
import { devices } from './devices/handlers.ts'
import { failures } from './failures/handlers.ts'
import { identities } from './identities/handlers.ts'
import { identityMails } from './identities/mails.ts'
import { coreInvariants } from './invariants.ts'
import { jobs } from './jobs/handlers.ts'
import { logLevels } from './log-levels/handlers.ts'
import { sendCodes } from './otp/send.ts'
import { passkeys } from './passkeys/handlers.ts'
import { forgottenPasswords } from './passwords/handlers.ts'
import { portals } from './portals/handlers.ts'
import { forgetImages } from './portals/image.ts'
import { portalMails } from './portals/invite.ts'
import { roles } from './roles/handlers.ts'
import { schedules } from './schedules/handlers.ts'
import { createAttempts } from './second-factors/attempts.ts'
import { secondFactors } from './second-factors/handlers.ts'
import { factorMails } from './second-factors/mails.ts'
import { type SessionDeps, sessions } from './sessions/handlers.ts'
import { createLockout } from './sessions/lockout.ts'
import type { CoreDeps } from './settings.ts'
import { statements } from './statements/handlers.ts'
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
export { coreInvariants } from './invariants.ts'
export { KEEP_EXPIRED_MS } from './purge.ts'
export { demandSecondFactor, type SecondFactorDeps } from './second-factors/demand.ts'
export { createAuthenticator } from './sessions/authenticator.ts'
export { createTableLogins } from './sessions/table-logins.ts'
export type { CoreDeps, CoreSettings } from './settings.ts'
export { newToken } from './tokens.ts'

// The contract holds a client to it before anything is read.
const MAX_IMAGE_BYTES = 2_000_000

/** What every system shares: identity and the audit log. */
export const core = (deps: CoreDeps): System<typeof contract.core> => {
  const passwords = createPasswords(deps.settings.passwordHash)
  const { logins } = deps
  const weakness = createWeakness(deps.settings.passwords.minScore)
  const isDisposable = createDisposable(deps.settings.accounts.refuseDisposable)
  const { concurrency, perHost } = deps.settings.webhooks
  const { attempts } = deps.settings.secondFactors
  const signingIn: SessionDeps = {
    lockout: createLockout(deps.settings.lockout, null),
    passwords,
    logins,
    settings: deps.settings,
    secondFactors: { vault: deps.vault, attempts: createAttempts('second-factor', attempts) },
    proofAttempts: createAttempts('proof', attempts),
    countryOf: () => null,
    placeOf: () => undefined,
  }
  deps.jobs.handle(DELIVER, deliver(deps, createHosts(perHost)), { concurrency })
  deps.jobs.handle(TELL, tellDisabled(deps))
  return {
    implementations: {
      access,
      accounts: accounts(passwords, logins, { weakness, isDisposable }),
      ...forgottenPasswords({ ...deps, passwords, weakness }),
      apiKeys: apiKeys(deps),
      auditEntries,
      devices: devices(logins),
      failures,
      identities: identities({ ...deps, ...signingIn, isDisposable }),
      jobs: jobs(deps.jobs),
      logLevels: logLevels(deps.log),
      passkeys: passkeys(signingIn),
      ...portals({ ...signingIn, weakness, files: deps.files, maxImageBytes: MAX_IMAGE_BYTES }),
      roles: roles(logins),
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
    subscribers: [
      ...verificationMails(deps),
      ...accountNotices(deps),
      ...factorMails(deps),
      ...identityMails(deps),
      ...portalMails(deps),
      forgetImages(deps.files),
      passwordMails(deps),
      sendCodes(deps),
    ],
    followers: [fanOut(deps)],
    tasks: coreTasks(deps),
  }
}
