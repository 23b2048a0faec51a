import autocannon from 'autocannon'
import type { Job } from './load.ts'
import { type Measured, quantile } from './statistics.ts'

// Its own process, so that the load has a core to itself. It takes one job after the other by message.

const SAMPLE_MS = 100

const run = ({ url, paths, headers, seconds, connections }: Job): Promise<Measured> =>
  new Promise((resolve, reject) => {
    const latencies: number[] = []
    const options: autocannon.Options = {
      url,
      connections,
      duration: seconds,
      sampleInt: SAMPLE_MS,
      headers: { ...headers },
      requests: paths.map((path) => ({ method: 'GET', path })),
    }
    const instance = autocannon(options, (error: Error | null, result) => {
      if (error) return reject(error)
      const sorted = Float64Array.from(latencies).sort()
      resolve({
        answers: result['2xx'],
        rps: result['2xx'] / result.duration,
        p50: quantile(sorted, 0.5),
        p99: quantile(sorted, 0.99),
        errors: result.non2xx + result.errors,
      })
    })
    // The library's own histogram knows whole milliseconds only.
    instance.on('response', (_client, _status, _bytes, ms) => latencies.push(ms))
  })

process.on('message', (job: Job) => {
  run(job).then(
    (measured) => process.send?.({ measured }),
    (error: unknown) => process.send?.({ error: String(error) }),
  )
})
