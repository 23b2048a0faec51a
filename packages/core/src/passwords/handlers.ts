import { contract, type PortalName } from '@plinth/contract'
import type { Log, LoginStore } from '@plinth/kit'
import type { Passwords } from '../accounts/passwords.ts'
import type { Weakness } from '../accounts/weak-passwords.ts'
import { implement } from '../implement.ts'
import type { OtpDeps } from '../otp/request.ts'
import { forgot } from './forgot.ts'
import { reset } from './reset.ts'

/** What a forgotten password is set anew with, and whose. */
export interface PasswordDeps extends OtpDeps {
  readonly passwords: Passwords
  readonly weakness: Weakness
  readonly logins: LoginStore
  readonly log: Log
  /** Null: users; else the principals of one portal. */
  readonly portal: PortalName | null
}

const handlersOf = (deps: PasswordDeps) => ({ forgot: forgot(deps), reset: reset(deps) })

/** Forgotten passwords of users and of both portals' principals, by one service that never mixes them up. */
export const forgottenPasswords = (deps: Omit<PasswordDeps, 'portal'>) => ({
  passwords: implement(contract.core.passwords, handlersOf({ ...deps, portal: null })),
  organizerPasswords: implement(
    contract.core.organizerPasswords,
    handlersOf({ ...deps, portal: 'organizer' }),
  ),
  merchantPasswords: implement(contract.core.merchantPasswords, handlersOf({ ...deps, portal: 'merchant' })),
})
