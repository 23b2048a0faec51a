import { type CompiledQuery, type Kysely, sql } from 'kysely'
import type { Plan } from '../types.ts'

interface Node {
  'Node Type': string
  'Relation Name'?: string
  Plans?: Node[]
}

const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

/** Asks for the plan of a query with full scans made expensive, so that small test tables plan like big ones. */
export const explain = (db: Kysely<unknown>, query: CompiledQuery): Promise<Plan> =>
  db.transaction().execute(async (trx) => {
    await sql`set local enable_seqscan = off`.execute(trx)
    const plan: CompiledQuery<{ 'QUERY PLAN': { Plan: Node }[] }> = {
      ...query,
      sql: `explain (format json) ${query.sql}`,
    }
    const { rows } = await trx.executeQuery(plan)
    const nodes = rows.flatMap((row) => row['QUERY PLAN']).flatMap(({ Plan: root }) => nodesOf(root))
    const scans = nodes.flatMap((node) =>
      node['Node Type'] === 'Seq Scan' && node['Relation Name'] ? [node['Relation Name']] : [],
    )
    return { scans, text: JSON.stringify(rows[0]?.['QUERY PLAN'], null, 2) }
  })
