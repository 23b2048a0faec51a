/** Makes something when it is first asked for and keeps it; what failed is made anew for the next who asks. */
export const once = <T>(make: () => Promise<T>): (() => Promise<T>) => {
  let made: Promise<T> | undefined
  const begin = async (): Promise<T> => {
    try {
      return await make()
    } catch (error) {
      made = undefined
      throw error
    }
  }
  return () => {
    made ??= begin()
    return made
  }
}
