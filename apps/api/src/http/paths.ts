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

interface Pattern<T> {
  /** Words as they are; null where a parameter stands. */
  readonly words: readonly (string | null)[]
  readonly names: readonly string[]
  readonly target: T
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

const patternOf = <T>({ path, target }: Mounted<T>): Pattern<T> => {
  const parts = path.split('/')
  return {
    words: parts.map((part) => (part.startsWith('{') ? null : part)),
    names: parts.flatMap((part) => (part.startsWith('{') ? [part.slice(1, -1)] : [])),
    target,
  }
}

const fits = <T>({ words }: Pattern<T>, parts: readonly string[]): boolean => {
  for (let at = 0; at < words.length; at++) {
    const word = words[at]
    if (word === null ? parts[at] === '' : word !== parts[at]) return false
  }
  return true
}

const paramsOf = <T>({ words, names }: Pattern<T>, parts: readonly string[]): Record<string, string> => {
  const params: Record<string, string> = {}
  let next = 0
  for (let at = 0; at < words.length; at++)
    if (words[at] === null) params[names[next++] ?? ''] = decode(parts[at] ?? '')
  return params
}

// Words win over parameters, and earlier ones over later ones.
const wordsFirst = <T>(a: Mounted<T>, b: Mounted<T>): number => (rank(a.path) < rank(b.path) ? -1 : 1)
const rank = (path: string): string => path.replaceAll(/\{\w+\}/g, '\uffff')

/**
 * Prepares the look-up of paths. One without parameters is found by its text alone; the others are compared with
 * those of as many parts, words first, so that /products/search is never taken for a product's id.
 */
export const createPaths = <T>(mounted: readonly Mounted<T>[]): ((path: string) => Found<T> | null) => {
  const literal = new Map<string, Found<T>>()
  const patterns = new Map<number, Pattern<T>[]>()
  for (const one of [...mounted].sort(wordsFirst)) {
    const pattern = patternOf(one)
    if (pattern.names.length === 0) literal.set(one.path, { target: one.target, params: NO_PARAMS })
    else patterns.set(pattern.words.length, [...(patterns.get(pattern.words.length) ?? []), pattern])
  }
  return (path) => {
    const known = literal.get(path)
    if (known) return known
    const parts = path.split('/')
    for (const pattern of patterns.get(parts.length) ?? []) {
      if (fits(pattern, parts)) return { target: pattern.target, params: paramsOf(pattern, parts) }
    }
    return null
  }
}
