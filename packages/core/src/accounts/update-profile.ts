import type { Row } from '@plinth/db'
import type { Changing } from '../users/close.ts'
import { searchText } from './queries.ts'
import type { UsersTable } from './tables.ts'

/** The fields of a profile that its holder may change; what is left out stays. */
export interface ProfileChange {
  readonly name?: string | undefined
  readonly phone?: string | null | undefined
  readonly locale?: string | undefined
  readonly timeZone?: string | undefined
}

/** Changes the profile of a user who is held. Another phone number is not proved any more. */
export const updateProfile = (
  { db, now, actor }: Changing,
  user: Row<UsersTable>,
  { timeZone, ...profile }: ProfileChange,
): Promise<Row<UsersTable>> => {
  const moved = profile.phone !== undefined && profile.phone !== user.phone
  return db
    .updateTable('users')
    .set({ ...profile, time_zone: timeZone, updated_at: now.toISOString(), updated_by: actor.userId })
    .set({ folded_text: searchText({ ...user, name: profile.name ?? user.name }) })
    .$if(moved, (query) => query.set({ phone_verified_at: null }))
    .where('id', '=', user.id)
    .returningAll()
    .executeTakeFirstOrThrow()
}
