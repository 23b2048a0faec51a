/** Somebody else held the lock for longer than was waited for it. */
export class LockBusyError extends Error {
  override readonly name = 'LockBusyError'
  constructor(key: string) {
    super(`the lock ${key} did not come free in time`)
  }
}

/** The lock was lost while work went on under it, and somebody else may have had it meanwhile. */
export class LockLostError extends Error {
  override readonly name = 'LockLostError'
  constructor(key: string) {
    super(`the lock ${key} was lost before the work ended`)
  }
}
