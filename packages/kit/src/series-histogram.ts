import { Histogram, type MetricValueWithName, type Registry } from 'prom-client'

/** One series of a histogram: what was measured under the same labels. */
export interface Series {
  /** Counts one value, in the unit of the histogram. */
  observe(value: number): void
}

interface Counted<L extends string> extends Series {
  values(name: string): MetricValueWithName<L>[]
}

interface SeriesHistogramSettings<L extends string> {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly L[]
  /** Upper bounds, rising. */
  readonly buckets: readonly number[]
  readonly registers: readonly Registry[]
}

const createSeries = <L extends string>(
  labels: Partial<Record<L, string>>,
  buckets: readonly number[],
): Counted<L> => {
  // The last one holds what is above every bound.
  const counts = new Float64Array(buckets.length + 1)
  let sum = 0
  return {
    observe(value) {
      let at = 0
      while (at < buckets.length && value > (buckets[at] ?? 0)) at++
      counts[at] = (counts[at] ?? 0) + 1
      sum += value
    },
    values(name) {
      let total = 0
      const values: MetricValueWithName<L>[] = []
      for (const [at, count] of counts.entries()) {
        total += count
        const bounded = { le: buckets[at] ?? '+Inf', ...labels }
        values.push({ metricName: `${name}_bucket`, labels: bounded, value: total })
      }
      values.push({ metricName: `${name}_sum`, labels, value: sum })
      values.push({ metricName: `${name}_count`, labels, value: total })
      return values
    },
  }
}

/**
 * A histogram whose series are looked up once. The library's own checks, sorts and joins the labels at every
 * observation, two of which took as much time as the database took to find a row.
 */
export class SeriesHistogram<L extends string> extends Histogram<L> {
  readonly #settings: SeriesHistogramSettings<L>
  readonly #series = new Map<string, Counted<L>>()

  constructor(settings: SeriesHistogramSettings<L>) {
    super({
      ...settings,
      labelNames: [...settings.labelNames],
      buckets: [...settings.buckets],
      registers: [...settings.registers],
    })
    this.#settings = settings
  }

  /** The series under these labels, in the order of the label names; made when it is first asked for. */
  series(...labels: string[]): Series {
    const key = JSON.stringify(labels)
    const known = this.#series.get(key)
    if (known) return known
    const { labelNames, buckets } = this.#settings
    const named: Partial<Record<L, string>> = {}
    for (const [at, name] of labelNames.entries()) named[name] = labels[at] ?? ''
    const series = createSeries<L>(named, buckets)
    this.#series.set(key, series)
    return series
  }

  /** What the registry asks for, and what `get` stands on. */
  getForPromString() {
    const { name, help } = this.#settings
    const values = [...this.#series.values()]
      .flatMap((series) => series.values(name))
      .map((value) => ({ ...value, sharedLabels: {} }))
    return { name, help, type: 'histogram', aggregator: 'sum', values }
  }
}
