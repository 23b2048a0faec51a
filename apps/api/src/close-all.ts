/**
 * Closes parts one after the other, each whatever became of those before it: a part that was left open would lose its
 * work, or keep the process alive.
 * @throws what one of them failed with, or an {@link AggregateError} of all.
 */
export const closeAll = async (steps: readonly (() => Promise<void> | void)[]): Promise<void> => {
  const failures: unknown[] = []
  for (const step of steps)
    try {
      await step()
    } catch (error) {
      failures.push(error)
    }
  if (failures.length > 1) throw new AggregateError(failures, 'several parts could not be closed')
  if (failures.length === 1) throw failures[0]
}
