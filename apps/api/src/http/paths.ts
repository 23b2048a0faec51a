/** The path of a URL as it is sent, without its query. */
export const pathOf = (url: string): string => {
  const at = url.indexOf('?')
  return at < 0 ? url : url.slice(0, at)
}

// What follows these is the right to fetch something, which must not stand in a log.
const SIGNED = ['/files/', '/api/v1/downloads/', '/api/downloads/']

/** The path of a URL as a log may show it. */
export const loggedPath = (url: string): string => {
  const path = pathOf(url)
  for (const prefix of SIGNED) if (path.startsWith(prefix)) return `${prefix}[masked]`
  return path
}

/** A path of a route, `{name}` where a parameter stands, and what was mounted at it. */
interface Mounted<T> {
  readonly path: string
  readonly target: T
}

/** A route that a path was found to be, with its parameters decoded. */
interface Found<T> {
  readonly target: T
  readonly params: Readonly<Record<string, string>>
}

/** A place in the tree of paths: where each word leads, and where any other text leads. */
interface Place<T> {
  readonly words: Map<string, Place<T>>
  other: Place<T> | undefined
  /** What is mounted here, with the names of the parameters on the way. */
  mounted: { readonly target: T; readonly names: readonly string[] } | undefined
}

const NO_PARAMS = {}

const decode = (text: string): string => {
  if (!text.includes('%')) return text
  try {
    return decodeURIComponent(text)
  } catch {
    // A lone percent sign is taken as it stands; the schema of the parameter judges it.
    return text
  }
}

const newPlace = <T>(): Place<T> => ({ words: new Map(), other: undefined, mounted: undefined })

const isParameter = (part: string): boolean => part.startsWith('{')

const mount = <T>(root: Place<T>, { path, target }: Mounted<T>): void => {
  const parts = path.split('/')
  let place = root
  for (const part of parts) {
    if (isParameter(part)) place.other ??= newPlace()
    else if (!place.words.has(part)) place.words.set(part, newPlace())
    place = (isParameter(part) ? place.other : place.words.get(part)) ?? place
  }
  place.mounted ??= { target, names: parts.filter(isParameter).map((part) => part.slice(1, -1)) }
}

/** Goes down by words where it can, and comes back to a parameter where that led nowhere. */
const descend = <T>(
  place: Place<T>,
  parts: readonly string[],
  at: number,
  values: string[],
): Place<T> | null => {
  const part = parts[at]
  if (part === undefined) return place.mounted ? place : null
  const byWord = place.words.get(part)
  const found = byWord && descend(byWord, parts, at + 1, values)
  if (found) return found
  if (!place.other || part === '') return null
  values.push(part)
  const other = descend(place.other, parts, at + 1, values)
  if (!other) values.pop()
  return other
}

/**
 * Prepares the look-up of paths, which takes as long among many as among few: one without parameters is found by its
 * text, the others by walking a tree of their parts. Words win over parameters, so that /products/search is never taken
 * for a product's id.
 */
export const createPaths = <T>(mounted: readonly Mounted<T>[]): ((path: string) => Found<T> | null) => {
  const literal = new Map<string, Found<T>>()
  // Where the last part alone is a parameter, as in most paths, what stands before it finds the route.
  const tails = new Map<string, { readonly target: T; readonly name: string }>()
  const root = newPlace<T>()
  for (const one of mounted) {
    const [, head, name] = /^([^{]*\/)\{(\w+)\}$/.exec(one.path) ?? []
    if (head !== undefined && name !== undefined && !tails.has(head))
      tails.set(head, { target: one.target, name })
    if (one.path.includes('{')) mount(root, one)
    else literal.set(one.path, { target: one.target, params: NO_PARAMS })
  }
  return (path) => {
    const known = literal.get(path)
    if (known) return known
    const end = path.lastIndexOf('/') + 1
    const tail = end < path.length ? tails.get(path.slice(0, end)) : undefined
    if (tail) return { target: tail.target, params: { [tail.name]: decode(path.slice(end)) } }
    const values: string[] = []
    const found = descend(root, path.split('/'), 0, values)?.mounted
    if (!found) return null
    const params: Record<string, string> = {}
    for (const [at, name] of found.names.entries()) params[name] = decode(values[at] ?? '')
    return { target: found.target, params }
  }
}
