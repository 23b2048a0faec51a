import type { PortalName } from '@plinth/contract'
import type { ReadDb, WriteDb } from '@plinth/db'
import { networkOf } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { LockoutSettings } from '../settings.ts'
import { createThrottle } from '../throttles/throttle.ts'
import { tokenHash, tokenType } from '../tokens.ts'

/** One attempt to sign in to an account, which may not exist. */
export interface Attempt {
  readonly email: string
  readonly address: string
  /** What the device is recognised by, where it says so. */
  readonly deviceToken: string | undefined
}

const knowsDevice = async (
  db: ReadDb<CoreDb>,
  { email, deviceToken }: Attempt,
  portal: PortalName | null,
): Promise<boolean> => {
  if (deviceToken === undefined || tokenType(deviceToken) !== 'device') return false
  const found = await db
    .selectFrom('devices')
    .innerJoin('users', 'users.id', 'devices.user_id')
    .select('devices.id')
    .where('devices.token_hash', '=', tokenHash(deviceToken))
    .where('users.email', '=', email)
    .where('users.portal', portal === null ? 'is' : '=', portal)
    .executeTakeFirst()
  return found !== undefined
}

/**
 * Locks an account for a network that failed too often, and for everybody but its own devices when too many networks
 * failed: whoever guesses is held off, and does not keep the holder out. Addresses without an account lock alike.
 */
export const createLockout = (
  { perNetwork, perAccount, windowMs, lockMs }: LockoutSettings,
  portal: PortalName | null,
) => {
  const realm = portal ?? 'login'
  const ofNetwork = createThrottle(`${realm}-network`, { failures: perNetwork, windowMs, lockMs })
  const ofAccount = createThrottle(`${realm}-account`, { failures: perAccount, windowMs, lockMs })
  const network = ({ email, address }: Attempt): string => `${email} ${networkOf(address)}`
  return {
    /** Milliseconds for which an attempt is refused, whatever its password; 0 where it is not. */
    async lockedMs(db: ReadDb<CoreDb>, attempt: Attempt, now: Date): Promise<number> {
      const here = await ofNetwork.lockedMs(db, network(attempt), now)
      if (here > 0) return here
      const everywhere = await ofAccount.lockedMs(db, attempt.email, now)
      return everywhere > 0 && !(await knowsDevice(db, attempt, portal)) ? everywhere : 0
    },
    async failed(db: WriteDb<CoreDb>, attempt: Attempt, now: Date): Promise<void> {
      await ofNetwork.failed(db, network(attempt), now)
      await ofAccount.failed(db, attempt.email, now)
    },
    /** After a success. What other networks did goes on to count. */
    clear: (db: WriteDb<CoreDb>, attempt: Attempt): Promise<void> => ofNetwork.clear(db, network(attempt)),
  }
}

/** What {@link createLockout} makes. */
export type Lockout = ReturnType<typeof createLockout>
