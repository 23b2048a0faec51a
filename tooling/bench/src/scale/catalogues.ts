import type { CommerceDb } from '@plinth/commerce'
import { createDb } from '@plinth/db'
import { type Load, startLoad } from '../load.ts'
import type { DatabaseName, Options } from '../options.ts'
import { administer, prepareDatabase } from '../prepare.ts'
import { findCores, memoryMb } from '../processes.ts'
import { startPlinth } from '../servers.ts'
import { type Asked, get, LIMIT } from '../works/types.ts'
import { growTo, numbersFrom, wordOf } from './catalogue.ts'
import type { createRows } from './rows.ts'

const QUERIES = 50
const MIDDLE_PRICE = 50_000

/** Searches of all kinds: common words, rare ones, two at once, the beginning of a word. */
const searches = (): Asked[] => {
  const next = numbersFrom(7)
  return Array.from({ length: QUERIES }, (_, at) => {
    const first = wordOf(Math.trunc(3000 ** next()))
    const second = wordOf(Math.trunc(100 ** next()))
    const words = [first, `${first} ${second}`, first.slice(0, 4), `${second} ${first.slice(0, 4)}`][at % 4]
    return get(`/api/v1/products/search?q=${encodeURIComponent(words ?? first)}&limit=${LIMIT}`)
  })
}

const pageAfter = async (url: string, path: string): Promise<Asked> => {
  const response = await fetch(url + path)
  const { nextCursor } = (await response.json()) as { nextCursor: string | null }
  if (nextCursor === null) throw new Error(`${path} has no page after it`)
  return get(`/api/v1/products?limit=${LIMIT}&sort=price&cursor=${encodeURIComponent(nextCursor)}`)
}

type Works = (url: string) => Promise<Readonly<Record<string, readonly Asked[]>>>

const works: Works = async (url) => ({
  search: searches(),
  // Half of all rows lie before this page, which paging by offset would walk.
  page: [await pageAfter(url, `/api/v1/products?limit=${LIMIT}&sort=price&price[gte]=${MIDDLE_PRICE}`)],
  list: [get(`/api/v1/products?limit=${LIMIT}`)],
})

interface Step {
  readonly database: DatabaseName
  readonly url: string
  readonly load: Load
  readonly options: Options
}

const measureSize = async (step: Step, size: number, rows: ReturnType<typeof createRows>): Promise<void> => {
  const { database, url, load, options } = step
  await using plinth = await startPlinth({ databaseUrl: url, core: findCores()?.server, cached: false })
  for (const [work, asked] of Object.entries(await works(plinth.url))) {
    const job = { url: plinth.url, asked, connections: options.connections }
    await load.run({ ...job, seconds: Math.min(2, options.seconds) })
    const measured = await load.run({ ...job, seconds: options.seconds })
    rows.add({ database, wire: 'rest', work, size, memoryMb: memoryMb(plinth.pid) }, measured)
  }
}

/** Measures search, lists and deep pages over catalogues of growing size; a row's floor is the smallest size. */
export const compareCatalogues = async (
  options: Options,
  sizes: readonly number[],
  rows: ReturnType<typeof createRows>,
): Promise<void> => {
  for (const database of options.databases) {
    await using prepared = await prepareDatabase(database, { demo: false })
    await using load = startLoad(findCores()?.load)
    let from = 0
    for (const size of sizes) {
      const db = await createDb<CommerceDb>({ url: prepared.url, synchronous: 'normal' })
      try {
        await growTo(db, from, size)
      } finally {
        await db.close()
      }
      from = size
      // What the server does by itself, if not at once: without it no statistics know the new rows.
      if (database === 'postgres') await administer(prepared.url, 'vacuum analyze products')
      await measureSize({ database, url: prepared.url, load, options }, size, rows)
    }
  }
}
