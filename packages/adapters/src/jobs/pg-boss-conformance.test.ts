import { testServerUrl } from '@plinth/db/testing'
import { sql } from 'kysely'
import { jobsConformance } from './conformance/suite.ts'
import { createPgBossJobs } from './pg-boss-jobs.ts'

jobsConformance({
  store: 'pgboss',
  database: () => testServerUrl({}),
  create: (db, deps) => createPgBossJobs({ db, ...deps }),
  // The one function that pg-boss asks for the time.
  moveTo: (db, aheadMs) =>
    db.transaction(async (trx) => {
      await sql`create or replace function pgboss.job_now() returns timestamptz language sql stable
        as ${sql.lit(`select pg_catalog.now() + interval '${aheadMs} milliseconds'`)}`.execute(trx)
    }),
})
