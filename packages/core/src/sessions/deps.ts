import type { Passwords } from '../accounts/passwords.ts'
import { createAttempts } from '../second-factors/attempts.ts'
import type { CoreDeps } from '../settings.ts'
import type { SessionDeps } from './handlers.ts'
import { createLockout } from './lockout.ts'
import { placesOf } from './places.ts'

/** What every way to sign in works with. */
export const signInDeps = (
  { settings, logins, vault, defence }: CoreDeps,
  passwords: Passwords,
): SessionDeps => {
  const { attempts } = settings.secondFactors
  return {
    lockout: createLockout(settings.lockout, null),
    passwords,
    logins,
    settings,
    secondFactors: { vault, attempts: createAttempts('second-factor', attempts) },
    proofAttempts: createAttempts('proof', attempts),
    async countryOf(address) {
      const { country } = await defence.countries.find(address)
      return country === 'unknown' ? null : country
    },
    placesOf,
  }
}
