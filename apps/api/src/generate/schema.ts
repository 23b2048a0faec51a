import type { TableSchema } from '@plinth/db'

const tableText = (table: TableSchema): string => {
  const keys = new Map(table.foreignKeys.map((key) => [key.columns.join(), key]))
  const columns = table.columns.map(({ name, kind, nullable }) => {
    const key = keys.get(name)
    const reference = key ? `${key.table}.${key.targets.join()}, on delete ${key.onDelete}` : ''
    return `| ${name} | ${kind} | ${nullable ? 'yes' : ''} | ${reference} |`
  })
  const facts = [
    `Primary key: ${table.primaryKey.join(', ')}.`,
    ...table.indexes.map(
      ({ columns: names, unique, partial }) =>
        `${unique ? 'Unique' : 'Index'}: ${names.join(', ')}${partial ? ' (of some rows)' : ''}.`,
    ),
    ...(table.checks.length > 0 ? [`Checks: ${table.checks.join(', ')}.`] : []),
    ...(table.search.length > 0 ? [`Full text: ${table.search.join(', ')}.`] : []),
    ...(table.appendOnly ? ['Rows are only added: changing or deleting one is refused.'] : []),
  ]
  return `## ${table.name}

| column | kind | null | refers to |
| --- | --- | --- | --- |
${columns.join('\n')}

${facts.map((fact) => `- ${fact}`).join('\n')}
`
}

/** The reference of all tables, from a migrated database. */
export const schemaText = (tables: readonly TableSchema[]): string => `# Schema

Made from the migrations by \`npm run docs\`; do not edit. Both engines have these tables, columns and rules.

${tables.map(tableText).join('\n')}`
