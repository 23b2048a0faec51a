/** What the load saw in one measurement of one server. */
export interface Measured {
  /** Answers with a 2xx status. */
  readonly answers: number
  /** Answers with a 2xx status per second. */
  readonly rps: number
  /** Median latency in milliseconds. */
  readonly p50: number
  readonly p95: number
  readonly p99: number
  /** Answers of any other status, and failures of the connection. */
  readonly errors: number
}

/** One measurement with the processor time that each answer took, in microseconds. */
export interface Weighed extends Measured {
  readonly cpuUs: number
}

/** The floor and Plinth, measured one right after the other. */
export interface Round {
  readonly floor: Weighed
  readonly plinth: Weighed
}

/** The value below which this share (0 to 1) of the sorted values lies, by nearest rank; 0 for none. */
export const quantile = (sorted: ArrayLike<number>, share: number): number => {
  const rank = Math.max(1, Math.ceil(share * sorted.length))
  return sorted[rank - 1] ?? 0
}

/** The rate of Plinth as a part of that of the floor. */
export const ratioOf = ({ floor, plinth }: Round): number => (floor.rps > 0 ? plinth.rps / floor.rps : 0)

/**
 * The round whose ratio is the median, the lower one of two. Taking a whole round keeps ratio, rates and latencies
 * consistent with each other, and a disturbance that hits one measurement falls out.
 */
export const medianRound = (rounds: readonly Round[]): Round => {
  const sorted = rounds.toSorted((a, b) => ratioOf(a) - ratioOf(b))
  const middle = sorted[Math.trunc((sorted.length - 1) / 2)]
  if (!middle) throw new Error('there is no median of no rounds')
  return middle
}
