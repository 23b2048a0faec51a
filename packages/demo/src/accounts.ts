import { type CoreDb, createAccount, type Role } from '@plinth/core'
import type { WriteDb } from '@plinth/db'

/** What making an account needs: the time, and what a password hash costs. */
export type AccountOptions = Parameters<typeof createAccount>[2]

/** Somebody who can sign in to a server with demo data. */
export interface DemoAccount {
  readonly email: string
  readonly name: string
  readonly role: Role
  readonly password: string
}

// Known to everybody, and for that reason never loaded unless it is asked for.
const PASSWORD = 'plinth-demo-2026'

const account = (role: Role, name: string): DemoAccount => ({
  email: `${role}@demo.plinth.dev`,
  name,
  role,
  password: PASSWORD,
})

/** One account for each role, all with the same password. */
export const demoAccounts: readonly DemoAccount[] = [
  account('user', 'Uma User'),
  account('support', 'Sam Support'),
  account('moderator', 'Moe Moderator'),
  account('manager', 'Mia Manager'),
  account('admin', 'Ada Admin'),
  account('super_admin', 'Sue Super'),
]

/** Makes the demo accounts that are not there yet; answers how many. */
export const insertAccounts = async (db: WriteDb<CoreDb>, options: AccountOptions): Promise<number> => {
  const emails = demoAccounts.map(({ email }) => email)
  const rows = await db.selectFrom('users').select('email').where('email', 'in', emails).execute()
  const known = new Set(rows.map(({ email }) => email))
  const missing = demoAccounts.filter(({ email }) => !known.has(email))
  for (const fresh of missing) await createAccount(db, { ...fresh, verified: true }, options)
  return missing.length
}
