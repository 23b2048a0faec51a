import type { contract } from '@plinth/contract'
import type { Row, WriteDb } from '@plinth/db'
import type { Handler } from '@plinth/kit'
import type { Passwords } from '../accounts/passwords.ts'
import { toAccount, userByEmail } from '../accounts/queries.ts'
import type { UsersTable } from '../accounts/tables.ts'
import type { CoreDb } from '../db.ts'
import { setTokenCookies } from './cookies.ts'
import type { SessionDeps } from './handlers.ts'
import { issueTokens, startLogin } from './logins.ts'

const compare = async (passwords: Passwords, user: Row<UsersTable> | undefined, password: string) => {
  const right = await passwords.matches(user?.password_hash, password)
  if (!user || !right) return null
  return { hash: user.password_hash, renewed: await passwords.renewed(user.password_hash, password) }
}

const renewHash = async (db: WriteDb<CoreDb>, id: string, hash: string | null): Promise<void> => {
  if (hash !== null) await db.updateTable('users').set({ password_hash: hash }).where('id', '=', id).execute()
}

/** Signs in. An unknown address and a wrong password take as long and answer the same. */
export const login = ({
  passwords,
  logins,
  settings,
}: SessionDeps): Handler<typeof contract.core.sessions.login, CoreDb> => ({
  async prepare({ input, ctx: { db } }) {
    const known = await userByEmail.first(db, { email: input.email })
    const match = await compare(passwords, known, input.password)
    return async ({ ctx, fail }) => {
      const user = await userByEmail.first(ctx.db, { email: input.email })
      if (user) ctx.audit({ actorId: user.id, target: user.id })
      // The password may have been changed since it was compared.
      const account =
        user && user.password_hash === match?.hash ? user : fail('INVALID_CREDENTIALS', { commit: true })
      await renewHash(ctx.db, account.id, match?.renewed ?? null)
      const made = { id: ctx.newId('lgn'), userId: account.id, portal: null }
      await startLogin(logins, ctx, made, settings)
      const tokens = await issueTokens(logins, ctx, { ...made, role: account.role }, settings)
      ctx.audit({ target: made.id })
      if (input.transport === 'bearer') return { loginId: made.id, account: toAccount(account), tokens }
      setTokenCookies(ctx, tokens)
      return { loginId: made.id, account: toAccount(account), tokens: null }
    }
  },
})
