import type { Account, PortalName } from '@plinth/contract'
import { compiled, foldText, type Row } from '@plinth/db'
import type { CoreDb } from '../db.ts'
import type { UsersTable } from './tables.ts'

/** An account as it is answered. */
export const toAccount = (user: Row<UsersTable>): Account => ({
  id: user.id,
  email: user.email,
  emailVerifiedAt: user.email_verified_at,
  role: user.role,
  name: user.name,
  phone: user.phone,
  locale: user.locale,
  timeZone: user.time_zone,
  createdAt: user.created_at,
  updatedAt: user.updated_at,
})

/** The text that an account is found by. */
export const searchText = ({ email, name }: { email: string; name: string }): string =>
  foldText(`${name} ${email}`)

/** What every account begins with. */
export const NEW_USER = {
  phone: null,
  phone_verified_at: null,
  grants: null,
  portal: null,
  state: 'active',
  state_reason: null,
  state_at: null,
  deleted_at: null,
  pending_email: null,
} as const satisfies Partial<Row<UsersTable>>

/** The user with an id. */
export const userById = compiled<CoreDb, { id: string }>()((db, p) =>
  db.selectFrom('users').selectAll().where('id', '=', p('id')).where('deleted_at', 'is', null),
)

/** The user with an email address, which is given in lower case. */
export const userByEmail = compiled<CoreDb, { email: string }>()((db, p) =>
  db
    .selectFrom('users')
    .selectAll()
    .where('email', '=', p('email'))
    .where('portal', 'is', null)
    .where('deleted_at', 'is', null),
)

/** The principal of a portal with an email address, which is given in lower case. */
export const principalByEmail = compiled<CoreDb, { email: string; portal: PortalName }>()((db, p) =>
  db
    .selectFrom('users')
    .selectAll()
    .where('email', '=', p('email'))
    .where('portal', '=', p('portal'))
    .where('portal', 'is not', null)
    .where('deleted_at', 'is', null),
)

/** The same, held until the end of the transaction: nobody changes it meanwhile. */
export const heldPrincipalByEmail = compiled<CoreDb, { email: string; portal: PortalName }>()((db, p) =>
  db
    .selectFrom('users')
    .selectAll()
    .where('email', '=', p('email'))
    .where('portal', '=', p('portal'))
    .where('portal', 'is not', null)
    .where('deleted_at', 'is', null)
    .forNoKeyUpdate(),
)

/** The user with an email address, held until the end of the transaction: nobody changes it meanwhile. */
export const heldUserByEmail = compiled<CoreDb, { email: string }>()((db, p) =>
  db
    .selectFrom('users')
    .selectAll()
    .where('email', '=', p('email'))
    .where('portal', 'is', null)
    .where('deleted_at', 'is', null)
    .forNoKeyUpdate(),
)

/** The user with an id, held until the end of the transaction: nobody changes it meanwhile. */
export const heldUserById = compiled<CoreDb, { id: string }>()((db, p) =>
  db
    .selectFrom('users')
    .selectAll()
    .where('id', '=', p('id'))
    .where('deleted_at', 'is', null)
    .forNoKeyUpdate(),
)
