/** The result of some work, or null where it failed of what means that there is nothing. */
export const orNull = async <T>(
  work: Promise<T>,
  isAbsent: (error: unknown) => boolean,
): Promise<T | null> => {
  try {
    return await work
  } catch (error) {
    if (isAbsent(error)) return null
    throw error
  }
}
