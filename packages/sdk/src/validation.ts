import { type ContractRecord, type FieldError, contract as shipped, walk } from '@plinth/contract'
import type { AnswerCheck } from './checks.ts'

/** The cause of an error of reason `mismatch`: an answer that is not what the contract says. */
export class AnswerMismatch extends Error {
  override readonly name = 'AnswerMismatch'
  readonly procedure: string
  /** Each field that does not fit, by its path in the answer. */
  readonly errors: readonly FieldError[]

  constructor(procedure: string, errors: readonly FieldError[]) {
    const [first] = errors
    const place = first?.path ? ` at "${first.path}"` : ''
    super(`The answer of ${procedure} breaks its contract${place}: ${first?.message ?? 'it does not fit'}`)
    this.procedure = procedure
    this.errors = errors
  }
}

// A list of a hundred wrong items says nothing that its first few do not.
const MAX_ERRORS = 20

/**
 * Makes the check that holds every answer, and every value of a subscription, to the contract at run time:
 * `createClient({ url, check: answerCheck() })`. What the contract does not name is let through, so that a server may
 * add to it. It brings the contract with its schemas into the bundle.
 */
export const answerCheck = (contract: ContractRecord = shipped): AnswerCheck => {
  const outputs = new Map(Array.from(walk(contract), ([name, { output }]) => [name, output]))
  return (procedure, answer) => {
    const result = outputs.get(procedure)?.safeParse(answer)
    if (!result || result.success) return
    const errors = result.error.issues
      .slice(0, MAX_ERRORS)
      .map(({ path, message }) => ({ path: path.map(String).join('.'), message }))
    throw new AnswerMismatch(procedure, errors)
  }
}
