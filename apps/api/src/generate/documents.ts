import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { contract } from '@plinth/contract'
import { migrate, schemaOf } from '@plinth/db'
import { createLog } from '@plinth/kit'
import { type Composed, compose } from '../compose.ts'
import { readConfig } from '../config.ts'
import { createDocument } from '../document.ts'
import { allMigrations, plinth } from '../systems.ts'
import { configurationText } from './configuration.ts'
import { errorsText } from './errors.ts'
import { metricsText } from './metrics.ts'
import { notRepeatableText } from './not-repeatable.ts'
import { permissionsText } from './permissions.ts'
import { schemaText } from './schema.ts'

/** A document that is made from the code: where it is kept, and how it is made. */
interface Generated {
  readonly path: string
  make(): Promise<string>
}

/** Documents depend on the code alone: they are made with the default settings over an empty database. */
const withDefaults = (make: (composed: Composed) => Promise<string>): Promise<string> =>
  composedWith({}, make)

/** Every part that is there only when it is asked for; nothing listens at these addresses. */
const everyPart = {
  REDIS_URL: 'redis://127.0.0.1:1',
  PLINTH_SESSIONS_STORE: 'redis',
  PLINTH_SESSIONS_REDIS_URL: 'redis://127.0.0.1:1',
  PLINTH_BROKER_URL: 'amqp://127.0.0.1:1',
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: 'http://127.0.0.1:1/v1/traces',
}

const composedWith = async (
  env: Readonly<Record<string, string>>,
  make: (composed: Composed) => Promise<string>,
): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-documents-'))
  const settings = readConfig({ ...env, DATABASE_URL: `file:${join(folder, 'empty.db')}` })
  const composed = await compose(settings, plinth, { log: createLog({ level: 'silent', modules: {} }) })
  try {
    return await make(composed)
  } finally {
    await composed.close()
    await rm(folder, { recursive: true })
  }
}

/** The documents that are made from the code, by name. */
export const documents: Readonly<Record<string, Generated>> = {
  openapi: {
    path: 'openapi.json',
    make: () =>
      withDefaults(async ({ service }) => {
        const json = await createDocument(service)()
        return `${JSON.stringify(JSON.parse(json), null, 2)}\n`
      }),
  },
  schema: {
    path: 'docs/schema.md',
    make: () =>
      withDefaults(async ({ db }) => {
        await migrate(db, allMigrations())
        return schemaText(await schemaOf(db))
      }),
  },
  errors: { path: 'docs/errors.md', make: async () => errorsText(contract) },
  repeats: {
    path: 'packages/sdk/src/not-repeatable.generated.ts',
    make: async () => notRepeatableText(contract),
  },
  permissions: { path: 'docs/permissions.md', make: async () => permissionsText(contract) },
  metrics: {
    path: 'docs/metrics.md',
    make: () => composedWith(everyPart, ({ metrics }) => metricsText(metrics)),
  },
  configuration: { path: 'docs/configuration.md', make: async () => configurationText() },
}
