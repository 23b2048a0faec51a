import { testDatabaseUrl } from '@plinth/db/testing'
import { adapterMigrations } from '../migrations.ts'
import { jobsConformance } from './conformance/suite.ts'
import { createTableJobs } from './table-jobs.ts'

jobsConformance({
  store: 'table',
  database: () => testDatabaseUrl(adapterMigrations),
  create: (db, deps, aheadMs) => {
    const time = async () => new Date((await db.dialect.now(db.read)).getTime() + aheadMs())
    return createTableJobs({ db, time, ...deps })
  },
})
