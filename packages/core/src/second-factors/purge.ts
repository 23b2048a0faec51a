import type { Database } from '@plinth/db'
import type { KitTables, ScheduledTask } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { SecondFactorSettings } from './settings.ts'

/** Deletes challenges and enrolments that nobody came back for. */
export const purgeFactors = (
  db: Database<KitTables>,
  { enrolmentMs }: SecondFactorSettings,
): ScheduledTask => ({
  name: 'purge-factors',
  description:
    'Deletes challenges of passkeys that expired, and authenticator apps that were not confirmed in time',
  cron: '*/10 * * * *',
  run: (due) =>
    db.as<CoreDb>().transaction(async (trx) => {
      await trx.deleteFrom('passkey_challenges').where('expires_at', '<=', due.toISOString()).execute()
      await trx
        .deleteFrom('totp_factors')
        .where('confirmed_at', 'is', null)
        .where('created_at', '<=', new Date(due.getTime() - enrolmentMs).toISOString())
        .execute()
    }),
})
