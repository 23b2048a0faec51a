import type { contract, PortalName } from '@plinth/contract'
import type { ReadDb, Row, WriteDb } from '@plinth/db'
import type { Handler } from '@plinth/kit'
import type { Passwords } from '../accounts/passwords.ts'
import { heldPrincipalByEmail, heldUserByEmail, principalByEmail, userByEmail } from '../accounts/queries.ts'
import type { UsersTable } from '../accounts/tables.ts'
import type { CoreDb } from '../db.ts'
import { demandSecondFactor } from '../second-factors/demand.ts'
import { deviceCookie } from './cookies.ts'
import type { SessionDeps } from './handlers.ts'
import { signIn } from './sign-in.ts'

const compare = async (passwords: Passwords, user: Row<UsersTable> | undefined, password: string) => {
  const hash = user?.password_hash ?? undefined
  const right = await passwords.matches(hash, password)
  if (hash === undefined || !right) return null
  return { hash, renewed: await passwords.renewed(hash, password) }
}

type Match = NonNullable<Awaited<ReturnType<typeof compare>>>

// A change of password waits for this transaction and then ends its login, or was waited for and is seen here; and
// logins of one user come one after the other, so that they are counted.
const hold = (db: WriteDb<CoreDb>, email: string, portal: PortalName | null) =>
  portal === null ? heldUserByEmail.first(db, { email }) : heldPrincipalByEmail.first(db, { email, portal })

const find = (db: ReadDb<CoreDb>, email: string, portal: PortalName | null) =>
  portal === null ? userByEmail.first(db, { email }) : principalByEmail.first(db, { email, portal })

/** Whether the password is right still; a login at the same time may have stored a new hash of the same one. */
const isRight = async (passwords: Passwords, user: Row<UsersTable>, match: Match, password: string) =>
  user.password_hash === match.hash || (await passwords.matches(user.password_hash ?? undefined, password))

const renewHash = async (db: WriteDb<CoreDb>, user: Row<UsersTable>, match: Match): Promise<void> => {
  if (match.renewed === null || user.password_hash !== match.hash) return
  await db.updateTable('users').set({ password_hash: match.renewed }).where('id', '=', user.id).execute()
}

type Refuse = (code: 'ACCOUNT_LOCKED', more: { headers: Record<string, string> }) => never

const refuseLocked = (ms: number, refuse: Refuse): void => {
  if (ms > 0) refuse('ACCOUNT_LOCKED', { headers: { 'retry-after': String(Math.ceil(ms / 1000)) } })
}

/** Signs in, to a portal or none. An unknown address and a wrong password take as long and answer the same. */
export const login = (
  deps: SessionDeps,
  portal: PortalName | null = null,
): Handler<typeof contract.core.sessions.login, CoreDb> => ({
  async prepare({ input, ctx: before, fail: refuse }) {
    const { passwords, lockout } = deps
    const { db } = before
    const deviceToken = input.deviceToken ?? deviceCookie(before)
    const attempt = { email: input.email, address: before.address, deviceToken }
    // Before the hash, so that who guesses costs little.
    refuseLocked(await lockout.lockedMs(db, attempt, before.now), refuse)
    const known = await find(db, input.email, portal)
    const match = await compare(passwords, known, input.password)
    return async ({ ctx, fail }) => {
      const user = await hold(ctx.db, input.email, portal)
      if (user) ctx.audit({ actorId: user.id, target: user.id })
      // The password may have been changed since it was compared.
      if (!user || !match || !(await isRight(passwords, user, match, input.password))) {
        await lockout.failed(ctx.db, attempt, ctx.now)
        return fail('INVALID_CREDENTIALS', { commit: true })
      }
      await lockout.clear(ctx.db, attempt)
      await renewHash(ctx.db, user, match)
      const factor = await demandSecondFactor(deps.secondFactors, ctx, user, input.secondFactor, fail)
      const method = factor ? `password+${factor}` : 'password'
      return signIn(deps, ctx, user, { ...input, method }, (code) => fail(code, { commit: true }))
    }
  },
})
