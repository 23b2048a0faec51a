import type { PortalProfile } from '@plinth/contract'
import type { ReadDb, Row, WriteDb } from '@plinth/db'
import type { Files } from '@plinth/kit'
import { toAccount } from '../accounts/queries.ts'
import type { UsersTable } from '../accounts/tables.ts'
import type { CoreDb } from '../db.ts'
import type { PortalProfilesTable } from './tables.ts'

const IMAGE_MS = 3_600_000

type Profile = Row<UsersTable> & Pick<Row<PortalProfilesTable>, 'organization' | 'image_key' | 'image_type'>

/** The principal of a portal with the profile. */
export const profileOf = (
  db: ReadDb<CoreDb> | WriteDb<CoreDb>,
  userId: string,
): Promise<Profile | undefined> =>
  (db as ReadDb<CoreDb>)
    .selectFrom('users')
    .innerJoin('portal_profiles', 'portal_profiles.user_id', 'users.id')
    .selectAll('users')
    .select(['organization', 'image_key', 'image_type'])
    .where('users.id', '=', userId)
    .where('users.deleted_at', 'is', null)
    .executeTakeFirst()

/** A profile as its principal sees it; its image has an address that is good for an hour. */
export const toProfile = async (files: Files, row: Profile): Promise<PortalProfile> => {
  const { image_key: key, image_type: contentType, organization, state } = row
  const image =
    key === null || contentType === null
      ? null
      : await files.sign({ key, contentType }, { expiresInMs: IMAGE_MS, inline: true })
  return { ...toAccount(row), organization, state, image }
}
