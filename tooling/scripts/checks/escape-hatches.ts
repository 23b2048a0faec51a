import { type Finding, isCode, type SourceFile } from './files.ts'
import { lineAt, onlyComments, withoutWords } from './text.ts'

/** How often each way around the type checker or the linters is used in the repository, at the most. */
export type HatchBounds = { any: number; doubleCast: number; suppression: number }

type Hatch = { name: keyof HatchBounds; pattern: RegExp; inComments: boolean }

const hatches: readonly Hatch[] = [
  { name: 'any', pattern: /(?<![.\w$])any(?![\w$(:?])|\bz\.any\(/g, inComments: false },
  { name: 'doubleCast', pattern: /\bas\s+unknown\s+as\b/g, inComments: false },
  {
    name: 'suppression',
    pattern: /(?:\/\/|\/\*)\s*(?:biome-ignore|oxlint-disable|eslint-disable|@ts-expect-error|@ts-ignore)/g,
    inComments: true,
  },
]

/** Counts each way around the checks and refuses a count above its bound, naming every place. */
export const escapeHatches = (files: readonly SourceFile[], bounds: HatchBounds): Finding[] =>
  hatches.flatMap(({ name, pattern, inComments }) => {
    const places = files.filter(isCode).flatMap(({ path, text }) => {
      const searched = inComments ? onlyComments(text) : withoutWords(text)
      return [...searched.matchAll(pattern)].map((match) => ({ path, line: lineAt(text, match.index) }))
    })
    if (places.length <= bounds[name]) return []
    const message = `${name}: ${places.length} uses in the repository, ${bounds[name]} at the most`
    return places.map((place) => ({ ...place, message }))
  })
