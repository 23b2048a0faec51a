import type { Trace } from './trace.ts'

/** Looks at an answer before it is given to the caller, and throws when it is not what the contract says. */
export type AnswerCheck = (procedure: string, answer: unknown) => void

/** Runs the check, where there is one, and notes why the call failed. */
export const checkValue = (
  check: AnswerCheck | undefined,
  procedure: string,
  value: unknown,
  trace: Trace,
): void => {
  try {
    check?.(procedure, value)
  } catch (error) {
    trace.reason = 'mismatch'
    throw error
  }
}
