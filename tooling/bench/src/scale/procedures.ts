import { startLoad } from '../load.ts'
import type { Options, Wire } from '../options.ts'
import { prepareDatabase } from '../prepare.ts'
import { findCores, memoryMb } from '../processes.ts'
import { startPlinth, startProcedures } from '../servers.ts'
import { someSlugs } from '../session.ts'
import { type Asked, get, trpcPath } from '../works/types.ts'
import type { createRows } from './rows.ts'

const askedOf = (wire: Wire, at: number, slugs: readonly string[]): Asked[] =>
  slugs.map((slug) =>
    wire === 'trpc'
      ? get(trpcPath(`bench.module${at}.get`, { slug }))
      : get(`/api/v1/module-${at}/${encodeURIComponent(slug)}`),
  )

const slugsOf = async (databaseUrl: string): Promise<string[]> => {
  await using plinth = await startPlinth({ databaseUrl, core: undefined, cached: false })
  const slugs = await someSlugs(plinth.url)
  return slugs
}

/** Measures one call among growing numbers of procedures: to find it must not take longer. */
export const compareProcedures = async (
  options: Options,
  counts: readonly number[],
  rows: ReturnType<typeof createRows>,
): Promise<void> => {
  const cores = findCores()
  for (const database of options.databases) {
    await using prepared = await prepareDatabase(database)
    await using load = startLoad(cores?.load)
    const slugs = await slugsOf(prepared.url)
    for (const size of counts) {
      await using server = await startProcedures(size, { databaseUrl: prepared.url, core: cores?.server })
      for (const wire of options.wires) {
        const asked = askedOf(wire, Math.trunc((size - 1) / 2), slugs)
        const job = { url: server.url, asked, connections: options.connections }
        await load.run({ ...job, seconds: Math.min(2, options.seconds) })
        const measured = await load.run({ ...job, seconds: options.seconds })
        rows.add({ database, wire, work: 'procedures', size, memoryMb: memoryMb(server.pid) }, measured)
      }
    }
  }
}
