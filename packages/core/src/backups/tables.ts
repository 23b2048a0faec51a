/** How each backup went; `error` says why there is none. */
export interface BackupsTable {
  id: string
  started_at: string
  ended_at: string
  location: string
  bytes: number
  rows: number
  error: string | null
}
