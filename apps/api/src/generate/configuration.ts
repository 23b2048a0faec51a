import type { z } from 'zod'
import { settingsOf } from '../config.ts'

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

/** The reference of all settings, from their schema. */
export const configurationText = (): string => {
  const rows = [...settingsOf()].map(({ path, variable, schema }) => {
    const { description, fallback } = describe(schema)
    return `| \`${path.join('.')}\` | \`${variable}\` | ${fallback ? `\`${fallback}\`` : ''} | ${description} |`
  })
  return `# Configuration

Made from \`apps/api/src/settings.ts\` by \`npm run docs\`; do not edit.

Settings are read from the YAML file that \`PLINTH_CONFIG\` names, if it is set, and then from the environment, which
wins. In the file a setting stands at its path; in the environment it has the name in the second column. Lists are
written with commas, records as JSON. Every value that is wrong and every key that is not known stops the start, and
all of them are named at once. \`npm run plinth -- config\` prints what is in force, secrets masked.

| setting | variable | default | what it does |
| --- | --- | --- | --- |
${rows.join('\n')}

Limit groups are records of \`perMinute\` and \`burst\`: \`{"auth":{"perMinute":10,"burst":5}}\`. The groups \`default\`
(600 and 300) and \`auth\` (20 and 10) exist unless they are replaced; a procedure whose group is not there is under
\`default\`.
`
}
