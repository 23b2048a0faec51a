import type { CommerceDb } from '@plinth/commerce'
import type { CoreDb } from '@plinth/core'
import type { Database } from '@plinth/db'
import type { KitTables } from '@plinth/kit'
import { type AccountOptions, insertAccounts } from './accounts.ts'
import { readAdventureWorks } from './adventureworks.ts'
import { insertMissing } from './insert.ts'
import { readOnlineRetail } from './online-retail.ts'

/** How many rows a part of the demo data has, and how many of them were not there before. */
interface Part {
  readonly rows: number
  readonly added: number
}

/** What loading the demo data has done. */
export interface DemoReport {
  readonly adventureWorks: Part
  readonly onlineRetail: Part
  readonly accountsAdded: number
}

/** What loading the demo data needs. */
export interface DemoOptions extends AccountOptions {
  /** The folder of the files; left out: the one that comes with this package. */
  readonly data?: URL
}

const DATA = new URL('../data/', import.meta.url)
const sources = { adventureWorks: readAdventureWorks, onlineRetail: readOnlineRetail }

/**
 * Loads the demo data, each source in a transaction of its own: all of it or nothing. What is there already, by SKU
 * or email, stays as it is, so that it can be repeated.
 * @throws {DemoDataError} for a file with a row that does not fit.
 */
export const loadDemo = async (
  db: Database<KitTables>,
  { clock, passwordHash, data = DATA }: DemoOptions,
): Promise<DemoReport> => {
  const load = async (source: keyof typeof sources): Promise<Part> => {
    const products = await sources[source](data)
    const added = await db.as<CommerceDb>().transaction((trx) => insertMissing(trx, products, clock.now()))
    return { rows: products.length, added }
  }
  const adventureWorks = await load('adventureWorks')
  const onlineRetail = await load('onlineRetail')
  const accountsAdded = await db
    .as<CoreDb>()
    .transaction((trx) => insertAccounts(trx, { clock, passwordHash }))
  return { adventureWorks, onlineRetail, accountsAdded }
}

/** Whether nobody has used a database yet. The demo accounts come last, so a load that was cut short is no use. */
export const isEmpty = async (db: Database<KitTables>): Promise<boolean> => {
  const somebody = await db.as<CoreDb>().read.selectFrom('users').select('id').limit(1).executeTakeFirst()
  return somebody === undefined
}
