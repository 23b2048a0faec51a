/** Connections of one pool: open, of these idle, the most there may be, and callers waiting for one. */
export interface PoolStats {
  open: number
  idle: number
  max: number
  waiting: number
}
