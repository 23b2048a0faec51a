import { bufferedOutput, createLog, createMetrics, createOutside, OutsideError } from '@plinth/kit'

const LIMITS = {
  timeoutMs: 5000,
  deadlineMs: 10_000,
  retries: 2,
  backoffMs: 1,
  maxBackoffMs: 5,
  failureRatio: 0.5,
  windowCalls: 10,
  minimumCalls: 10,
  openMs: 1000,
  concurrency: 10,
  queue: 10,
  dependencies: {},
}

/** The way to the outside as a server has it. */
export const testOutside = (own: Partial<typeof LIMITS> = {}) => {
  const log = createLog({ level: 'silent', modules: {} }, bufferedOutput().destination).module('outside')
  return createOutside({ settings: { ...LIMITS, ...own }, metrics: createMetrics(), log })
}

/** A dependency that calls as a server does. */
export const testDependency = (name: string, own: Partial<typeof LIMITS> = {}) =>
  testOutside(own).dependency(name)

/** What a call to the outside failed of; anything else that it rejects with fails the test. */
export const outsideError = async (promise: Promise<unknown>): Promise<OutsideError> => {
  const error = await promise.then(
    () => new Error('it did not fail'),
    (reason: unknown) => reason,
  )
  if (error instanceof OutsideError) return error
  throw error
}
