import autocannon from 'autocannon'
import type { Job } from './load.ts'
import { loadAtPace } from './paced.ts'
import { type Measured, quantile } from './statistics.ts'
import { type Asked, COUNT, UNIQUE } from './works/types.ts'

// Its own process, so that the load has a core to itself. It takes one job after the other by message.

const SAMPLE_MS = 100

// Several runs may write to one database: a word must be of its own in all of them.
const run = Date.now().toString(36)
let words = 0

const isVaried = ({ path, body = '' }: Asked): boolean =>
  (path + body).includes(UNIQUE) || path.includes(COUNT)

/** The request with a word and a number of its own, where it asks for them. */
const filled = (asked: Asked): Asked => {
  if (!isVaried(asked)) return asked
  const count = words++
  const { path, body } = asked
  return {
    ...asked,
    path: path.replaceAll(COUNT, String(count)).replaceAll(UNIQUE, `${run}${count}`),
    ...(body !== undefined && { body: body.replaceAll(UNIQUE, `${run}${count}`) }),
  }
}

const toRequest = (asked: Asked): autocannon.Request => {
  const { method, path, headers, body } = asked
  const request = { method, path, headers: { ...headers }, ...(body !== undefined && { body }) }
  if (!isVaried(asked)) return request
  return {
    ...request,
    setupRequest: (given) => {
      const { path, body } = filled(asked)
      return { ...given, path, ...(body !== undefined && { body }) }
    },
  }
}

// One connection after the other begins so much further on: a turn of mixed work, and one request.
const STRIDE = 21

/** Lets every connection begin at another place: all in step would send the same write, to one row, at the same moment. */
const spread = (requests: autocannon.Request[]): ((client: autocannon.Client) => void) => {
  let clients = 0
  return (client) => {
    const start = (clients++ * STRIDE) % requests.length
    if (start > 0) client.setRequests([...requests.slice(start), ...requests.slice(0, start)])
  }
}

let running = false

// A core that sleeps between two answers has to be woken for each, and it is the server that pays for the waking: more
// often the slower it is. So the load's core stays awake.
const stayAwake = (): void => {
  if (running) setImmediate(stayAwake)
}

const measuredOf = (latencies: readonly number[], seconds: number, errors: number): Measured => {
  const sorted = Float64Array.from(latencies).sort()
  return {
    answers: latencies.length,
    rps: latencies.length / seconds,
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    p99: quantile(sorted, 0.99),
    errors,
  }
}

const loadFully = ({ url, asked, seconds, connections }: Job): Promise<Measured> =>
  new Promise((resolve, reject) => {
    const latencies: number[] = []
    const requests = asked.map(toRequest)
    const options: autocannon.Options = {
      url,
      connections,
      duration: seconds,
      sampleInt: SAMPLE_MS,
      requests,
      setupClient: spread(requests),
    }
    const instance = autocannon(options, (error: Error | null, result) => {
      if (error) reject(error)
      else resolve(measuredOf(latencies, result.duration, result.non2xx + result.errors))
    })
    // The library's own histogram knows whole milliseconds only.
    instance.on('response', (_client, status, _bytes, ms) => {
      if (status >= 200 && status < 300) latencies.push(ms)
    })
  })

const load = async (job: Job): Promise<Measured> => {
  const { asked, rate, seconds } = job
  if (rate === undefined) return loadFully(job)
  const nth = (index: number): Asked => {
    const one = asked[index % asked.length]
    if (!one) throw new Error('no request to send')
    return filled(one)
  }
  const { latencies, errors } = await loadAtPace({ ...job, rate, nth })
  return measuredOf(latencies, seconds, errors)
}

process.on('message', (job: Job) => {
  running = job.awake === true
  stayAwake()
  load(job)
    .finally(() => {
      running = false
    })
    .then(
      (measured) => process.send?.({ measured }),
      (error: unknown) => process.send?.({ error: String(error) }),
    )
})
