import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client'
import { SeriesHistogram } from './series-histogram.ts'

/** Counters and histograms of one server, in a registry of its own. */
export interface Metrics {
  readonly registry: Registry
  /** Time to answer in seconds, by procedure, wire and status. */
  readonly answers: SeriesHistogram<'procedure' | 'wire' | 'status'>
  readonly slowAnswers: Counter<'procedure'>
  readonly cache: Counter<'procedure' | 'result'>
  readonly results: Counter<'name' | 'result'>
  readonly queries: SeriesHistogram<'role'>
  readonly slowQueries: Counter<'role'>
  readonly events: Counter<'type'>
  readonly jobs: Counter<'name' | 'result'>
  readonly inFlight: Gauge
  readonly shed: Counter
  /** What request defence did. */
  readonly guard: Counter<'what'>
  /** Bytes of bodies, by direction (received, sent). */
  readonly bodies: SeriesHistogram<'direction'>
}

// From a tenth of a millisecond, where cached answers are, to the time at which callers give up.
const SECONDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1, 2.5, 10]

const BYTES = [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 10_485_760, 104_857_600]

/** Makes the metrics of one server. */
export const createMetrics = (): Metrics => {
  const registry = new Registry()
  const registers = [registry]
  collectDefaultMetrics({ register: registry })
  const counter = <L extends string>(name: string, help: string, ...labelNames: L[]) =>
    new Counter({ name, help, labelNames, registers })
  return {
    registry,
    answers: new SeriesHistogram({
      name: 'plinth_answer_seconds',
      help: 'Time to answer a call, by procedure, wire (rest, trpc, stream) and HTTP status',
      labelNames: ['procedure', 'wire', 'status'],
      buckets: SECONDS,
      registers,
    }),
    slowAnswers: counter('plinth_slow_answers_total', 'Answers slower than http.slowAnswerMs', 'procedure'),
    cache: counter(
      'plinth_cache_total',
      'Answers looked for in the cache (hit, miss), and those that were then computed (computed)',
      'procedure',
      'result',
    ),
    results: counter(
      'plinth_results_total',
      'Results that handlers remember: asked for and there (hit), not there (miss), worked out (computed)',
      'name',
      'result',
    ),
    queries: new SeriesHistogram({
      name: 'plinth_query_seconds',
      help: 'Time of database statements, by the handle (read, write, replica) that ran them',
      labelNames: ['role'],
      buckets: SECONDS,
      registers,
    }),
    slowQueries: counter('plinth_slow_queries_total', 'Statements slower than database.slowQueryMs', 'role'),
    events: counter(
      'plinth_events_total',
      'Events of the outbox that were handed to their subscribers',
      'type',
    ),
    jobs: counter(
      'plinth_jobs_total',
      'Attempts at jobs: done, retried (failed, is tried again), dead (given up), overtaken (by another worker)',
      'name',
      'result',
    ),
    inFlight: new Gauge({
      name: 'plinth_requests_in_flight',
      help: 'Requests that are being answered now; http.maxInFlight bounds them',
      registers,
    }),
    shed: counter('plinth_requests_shed_total', 'Requests refused with 503 because too many were in flight'),
    guard: counter(
      'plinth_guard_total',
      'What request defence did: refused-banned, refused-listed, refused-threat, refused-bot, slowed-bot, warned, banned, and requests whose record was dropped',
      'what',
    ),
    bodies: new SeriesHistogram({
      name: 'plinth_http_body_bytes',
      help: 'Bytes of the bodies of requests (received) and answers (sent, as compressed); empty ones are not counted',
      labelNames: ['direction'],
      buckets: BYTES,
      registers,
    }),
  }
}
