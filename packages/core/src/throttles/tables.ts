/** Failures by what they were aimed at. `key` is the name of the throttle and the SHA-256 of the subject. */
export interface ThrottlesTable {
  key: string
  failures: number
  /** When the first of them was. */
  began_at: string
  locked_until: string | null
  /** When it has no effect any more. */
  expires_at: string
}
