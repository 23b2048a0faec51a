import { compose, plinth, readConfig, startServer } from '@plinth/api'
import { etagOf } from '@plinth/kit'
import { prepareDatabase } from './prepare.ts'
import { quantile } from './statistics.ts'

const PROCEDURE = 'commerce.products.list'
const LIMIT = 20
const BATCHES = 300
const CALLS = 100

/** Microseconds per call: the median of many short batches, so that collections of garbage fall out. */
const microseconds = (work: () => unknown): number => {
  const times = Array.from({ length: BATCHES }, () => {
    const startedAt = performance.now()
    for (let call = 0; call < CALLS; call += 1) work()
    return ((performance.now() - startedAt) * 1000) / CALLS
  })
  return quantile(Float64Array.from(times).sort(), 0.5)
}

const readList = async (url: string): Promise<{ json: string; value: unknown }> => {
  const response = await fetch(`${url}/api/v1/products?limit=${LIMIT}`)
  const json = await response.text()
  if (!response.ok) throw new Error(`the list answered ${response.status}: ${json.slice(0, 300)}`)
  return { json, value: JSON.parse(json) }
}

const line = (what: string, us: number): string => `${us.toFixed(2).padStart(9)} us  ${what}\n`

type Service = Awaited<ReturnType<typeof compose>>['service']

const compare = async (
  { procedures, deps }: Service,
  list: { json: string; value: unknown },
): Promise<string> => {
  const output = procedures.get(PROCEDURE)?.procedure.output
  if (!output) throw new Error(`there is no ${PROCEDURE}`)
  const { data } = output.safeParse(list.value)
  const keyOf = () => `${PROCEDURE}|*|${JSON.stringify({ limit: LIMIT, sort: ['name'] })}`
  const mark = (await deps.cache.mark([])) ?? ''
  const expiresAt = Date.now() + 3_600_000
  const entry = { json: list.json, etag: etagOf(list.json) }
  await deps.cache.set(keyOf(), entry, { tags: [], expiresAt, mark })
  const validate = microseconds(() => output.safeParse(list.value))
  const stringify = microseconds(() => JSON.stringify(data))
  const tag = microseconds(() => etagOf(list.json))
  const kept = microseconds(() => deps.cache.get(keyOf(), Date.now(), []))
  const again = validate + stringify + tag
  return [
    `A list of ${LIMIT} products, ${list.json.length} characters, per answer:\n`,
    line('check against the contract', validate),
    line('encode as JSON', stringify),
    line('make the entity tag', tag),
    line('all three, for each answer anew', again),
    line('take the kept, encoded answer with its tag from the cache', kept),
    line(
      `gained, ${(again / kept).toFixed(0)} times as fast; the query of the database is saved as well`,
      again - kept,
    ),
  ].join('')
}

/** Prints what it saves to answer with a kept, already encoded list instead of encoding it again. */
export const printSerialise = async (): Promise<void> => {
  await using database = await prepareDatabase('sqlite')
  const settings = readConfig({ DATABASE_URL: database.url, PORT: '0', PLINTH_LOG_LEVEL: 'silent' })
  const composed = await compose(settings, plinth)
  const server = await startServer(composed, settings, { background: false })
  try {
    process.stdout.write(await compare(composed.service, await readList(server.url)))
  } finally {
    await server.stop()
  }
}
