import { createDb } from '@plinth/db'
import { createLog, type KitTables, systemClock } from '@plinth/kit'
import { createPgBossJobs } from '../src/jobs/pg-boss-jobs.ts'
import { createTableJobs } from '../src/jobs/table-jobs.ts'

// A worker process that begins what there is and never ends it: its test kills it.
const [store, url = ''] = process.argv.slice(2)
const db = await createDb<KitTables>({ url })
const log = createLog({ level: 'silent', modules: {} }).module('jobs')
const create = store === 'table' ? createTableJobs : createPgBossJobs
const jobs = create({ db, clock: systemClock, log, settings: { leaseMs: 60_000, pollMs: 50 } })
jobs.handle('mail', ({ id }) => {
  process.stdout.write(`${id}\n`)
  return new Promise(() => undefined)
})
jobs.start()
// The timer of a worker alone keeps no process alive.
setInterval(() => undefined, 60_000)
