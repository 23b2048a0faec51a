/** Unhandled errors, one row for each cause. What they say and where is that of the last one. */
export interface FailuresTable {
  id: string
  /** SHA-256 over the kind of error, the place in the code and the procedure or job. */
  cause: string
  name: string
  message: string
  stack: string
  /** What was known beside it: module, procedure, request id, job. */
  context: Record<string, string>
  occurred: number
  first_at: string
  last_at: string
}
