import autocannon from 'autocannon'
import type { Job } from './load.ts'
import { type Measured, quantile } from './statistics.ts'
import { type Asked, COUNT, UNIQUE } from './works/types.ts'

// Its own process, so that the load has a core to itself. It takes one job after the other by message.

const SAMPLE_MS = 100

// Several runs may write to one database: a word must be of its own in all of them.
const run = Date.now().toString(36)
let words = 0

const toRequest = ({ method, path, headers, body = '' }: Asked): autocannon.Request => {
  const request = { method, path, headers: { ...headers }, ...(body !== '' && { body }) }
  if (!(path + body).includes(UNIQUE) && !path.includes(COUNT)) return request
  return {
    ...request,
    setupRequest: (given) => {
      const count = words++
      const filled = path.replaceAll(COUNT, String(count)).replaceAll(UNIQUE, `${run}${count}`)
      return {
        ...given,
        path: filled,
        ...(body !== '' && { body: body.replaceAll(UNIQUE, `${run}${count}`) }),
      }
    },
  }
}

let running = false

// A core that sleeps between two answers has to be woken for each, and it is the server that pays for the waking: more
// often the slower it is. So the load's core stays awake.
const stayAwake = (): void => {
  if (running) setImmediate(stayAwake)
}

const load = ({ url, asked, seconds, connections, rate }: Job): Promise<Measured> =>
  new Promise((resolve, reject) => {
    const latencies: number[] = []
    const options: autocannon.Options = {
      url,
      connections,
      duration: seconds,
      sampleInt: SAMPLE_MS,
      requests: asked.map(toRequest),
      ...(rate !== undefined && { overallRate: rate }),
    }
    const instance = autocannon(options, (error: Error | null, result) => {
      if (error) return reject(error)
      const sorted = Float64Array.from(latencies).sort()
      resolve({
        answers: result['2xx'],
        rps: result['2xx'] / result.duration,
        p50: quantile(sorted, 0.5),
        p95: quantile(sorted, 0.95),
        p99: quantile(sorted, 0.99),
        errors: result.non2xx + result.errors,
      })
    })
    // The library's own histogram knows whole milliseconds only.
    instance.on('response', (_client, _status, _bytes, ms) => latencies.push(ms))
  })

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
