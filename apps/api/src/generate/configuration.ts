import { innermost } from '@plinth/contract'
import type { z } from 'zod'
import { settingsOf } from '../config.ts'
import { reloadable } from '../settings.ts'

interface Definition {
  readonly defaultValue?: unknown
  readonly innerType?: z.ZodType
}

const describe = (schema: z.ZodType): { description: string; fallback: string } => {
  let description = schema.description ?? ''
  let fallback = ''
  for (let node: z.ZodType | undefined = schema; node; node = (node.def as Definition).innerType) {
    description ||= node.description ?? ''
    const { defaultValue } = node.def as Definition
    if (defaultValue !== undefined) fallback = JSON.stringify(defaultValue)
  }
  return { description, fallback }
}

const words: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'number',
  boolean: 'true or false',
  array: 'list',
  record: 'record',
}

const kindOf = (schema: z.ZodType): string => {
  const inner = innermost(schema)
  if ('options' in inner && Array.isArray(inner.options)) return inner.options.map(String).join(', ')
  return words[inner.def.type] ?? inner.def.type
}

/** The reference of all settings, from their schema. */
export const configurationText = (): string => {
  const rows = [...settingsOf()].map(({ path, variable, schema }) => {
    const { description, fallback } = describe(schema)
    const name = path.join('.')
    const live = reloadable.has(name) ? 'yes' : ''
    return `| \`${name}\` | \`${variable}\` | ${kindOf(schema)} | ${fallback ? `\`${fallback}\`` : ''} | ${live} | ${description} |`
  })
  return `# Configuration

Made from \`apps/api/src/settings.ts\` by \`npm run docs\`; do not edit.

Settings are read from the YAML file that \`PLINTH_CONFIG\` names, if it is set, and then from the environment, which
wins. In the file a setting stands at its path; in the environment it has the name in the second column. Lists are
written with commas, records as JSON. Every value that is wrong and every key that is not known stops the start, and
all of them are named at once. \`npm run plinth -- config\` prints what is in force, secrets masked.

A server that gets SIGHUP reads its configuration again and takes over the settings with yes under live; a change with
a fault is refused as a whole, the old values stay, and the log says so. Changes of other settings need a restart, and
the log names them.

| setting | variable | type | default | live | what it does |
| --- | --- | --- | --- | --- | --- |
${rows.join('\n')}

Limit groups are records of \`perMinute\` and \`burst\`: \`{"auth":{"perMinute":10,"burst":5}}\`. The groups \`default\`
(600 and 300) and \`auth\` (20 and 10) exist unless they are replaced; a procedure whose group is not there is under
\`default\`.
`
}
