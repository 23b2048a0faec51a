import { setTimeout as delay } from 'node:timers/promises'
import pg from 'pg'

const PAGE_BYTES = 8192
// So few pages are emptied row by row, which is quicker than to make the files of a table anew.
const FEW_PAGES = 10
const TRIES = 40

const OWN = `n.nspname not like 'pg\\_%' and n.nspname <> 'information_schema'`

// All that a migration could have made otherwise, what the planner knows of it, and where sequences stand.
const CATALOGUE = `
select
  (select string_agg(concat_ws(' ', c.oid, n.nspname, c.relname, c.relkind, c.reltuples, c.relchecks, c.relhastriggers, c.reloptions), ',' order by c.oid)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace where ${OWN}) as relations,
  (select string_agg(concat_ws(' ', a.attrelid, a.attname, a.atttypid, a.attnotnull, a.atthasdef), ',' order by a.attrelid, a.attnum)
    from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace where ${OWN}) as columns,
  (select string_agg(p.oid || md5(p.prosrc), ',' order by p.oid)
    from pg_proc p join pg_namespace n on n.oid = p.pronamespace where ${OWN}) as functions,
  (select string_agg(concat_ws(' ', oid, tgenabled), ',' order by oid) from pg_trigger) as triggers,
  (select concat_ws(' ', count(*), sum(oid::bigint)) from pg_constraint) as constraints,
  (select concat_ws(' ', count(*), sum(oid::bigint)) from pg_attrdef) as defaults,
  (select concat_ws(' ', count(*), sum(oid::bigint)) from pg_type) as types,
  (select concat_ws(' ', count(*), sum(oid::bigint)) from pg_namespace) as schemas,
  (select concat_ws(' ', count(*), sum(oid::bigint)) from pg_extension) as extensions,
  (select string_agg(s.setconfig::text, ',') from pg_db_role_setting s join pg_database d on d.oid = s.setdatabase where d.datname = current_database()) as settings,
  (select string_agg(concat_ws(' ', schemaname, sequencename, last_value), ',' order by schemaname, sequencename) from pg_sequences) as sequences`

interface Held {
  name: string
  isFilled: boolean
  isLarge: boolean
}

const heldBy = async (client: pg.Client): Promise<Held[]> => {
  const { rows } = await client.query<{ name: string; large: boolean }>(
    `select format('%I.%I', n.nspname, c.relname) as name, pg_relation_size(c.oid) > $1 as large
     from pg_class c join pg_namespace n on n.oid = c.relnamespace where c.relkind in ('r', 'p') and ${OWN} order by c.oid`,
    [FEW_PAGES * PAGE_BYTES],
  )
  if (rows.length === 0) return []
  const filled = await client.query<boolean[]>({
    text: `select ${rows.map(({ name }) => `exists (select 1 from ${name})`).join(', ')}`,
    rowMode: 'array',
  })
  return rows.map(({ name, large }, index) => ({
    name,
    isLarge: large,
    isFilled: filled.rows[0]?.[index] === true,
  }))
}

/** How a database was when it was made: what it must be again before another test gets it. */
export interface Untouched {
  readonly catalogue: string
  /** The text of the tables that its migrations fill. */
  readonly seeds: ReadonlyMap<string, string>
}

const catalogueOf = async (client: pg.Client): Promise<string> =>
  JSON.stringify((await client.query<Record<string, unknown>>(CATALOGUE)).rows)

const textOf = async (client: pg.Client, table: string): Promise<string> => {
  const { rows } = await client.query<{ text: string }>(
    `select coalesce(string_agg(t::text, e'\\n' order by t::text), '') as text from ${table} t`,
  )
  return rows[0]?.text ?? ''
}

/** Does work over a connection of its own. */
export const connected = async <R>(url: string, work: (client: pg.Client) => Promise<R>): Promise<R> => {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

/** Looks at a database that nobody has used yet; null where this user may not empty one. */
export const lookAt = (url: string): Promise<Untouched | null> =>
  connected(url, async (client) => {
    const { rows } = await client.query<{ may: boolean }>(
      `select current_setting('is_superuser') = 'on' as may`,
    )
    if (!rows[0]?.may) return null
    const seeds = new Map<string, string>()
    for (const { name, isFilled } of await heldBy(client))
      if (isFilled) seeds.set(name, await textOf(client, name))
    return { catalogue: await catalogueOf(client), seeds }
  })

// Connections that were closed end a moment later; one that stays could still write.
const isAlone = async (client: pg.Client): Promise<boolean> => {
  for (let tried = 0; tried < TRIES; tried++) {
    const { rows } = await client.query(
      'select 1 from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() limit 1',
    )
    if (rows.length === 0) return true
    await delay(5)
  }
  return false
}

/** Takes out all that tests put in; answers whether the database is now as it was. */
export const empty = (url: string, untouched: Untouched): Promise<boolean> =>
  connected(url, async (client) => {
    if (!(await isAlone(client))) return false
    const filled = (await heldBy(client)).filter(
      ({ name, isFilled }) => isFilled && !untouched.seeds.has(name),
    )
    const large = filled.filter(({ isLarge }) => isLarge).map(({ name }) => name)
    const deletions = filled.filter(({ isLarge }) => !isLarge).map(({ name }) => `delete from ${name};`)
    // References and triggers would ask for an order.
    await client.query(`begin; set local session_replication_role = replica; ${deletions.join(' ')} commit`)
    if (large.length > 0) await client.query(`truncate ${large.join(', ')} restart identity cascade`)
    await client.query(
      `select setval(format('%I.%I', schemaname, sequencename)::regclass, start_value, false) from pg_sequences where last_value is not null`,
    )
    if ((await catalogueOf(client)) !== untouched.catalogue) return false
    for (const [name, text] of untouched.seeds) if ((await textOf(client, name)) !== text) return false
    return (await heldBy(client)).every(({ name, isFilled }) => isFilled === untouched.seeds.has(name))
  })
