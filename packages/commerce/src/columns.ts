/** Columns of every table of commerce: when and by whom a row was written. Accounts may go; these stay. */
export interface Written {
  created_at: string
  updated_at: string
  /** The id of a user, or `system` for what nobody signed in did. */
  created_by: string
  updated_by: string
}
