import { relative } from 'node:path'
import { fileURLToPath } from 'node:url'

/** What Node writes with --cpu-prof, as far as it is read here. */
export interface CpuProfile {
  readonly nodes: readonly {
    readonly id: number
    readonly callFrame: {
      readonly functionName: string
      readonly url: string
      readonly lineNumber: number
    }
  }[]
  /** The node of each sample. */
  readonly samples: readonly number[]
  /** Microseconds before each sample. */
  readonly timeDeltas: readonly number[]
}

/** Time spent in one place itself, not in what it calls; `share` is of all time that was not idle. */
export interface SelfTime {
  readonly name: string
  readonly ms: number
  readonly share: number
}

type Frame = CpuProfile['nodes'][number]['callFrame']

const ROOT = fileURLToPath(new URL('../../..', import.meta.url))

const placeOf = ({ url }: Frame): string => {
  const dependency = /.*\/node_modules\/(?!\.pnpm)(.+)$/.exec(url)?.[1]
  if (dependency !== undefined) return dependency
  return url.startsWith('file:') ? relative(ROOT, fileURLToPath(url)) : url
}

const functionOf = (frame: Frame): string => {
  const place = placeOf(frame)
  const name = frame.functionName || '(anonymous)'
  return place === '' ? name : `${name} ${place}:${frame.lineNumber + 1}`
}

const partOf = (frame: Frame): string => {
  const place = placeOf(frame)
  if (place.startsWith('node:')) return place
  if (place === '') return frame.functionName.startsWith('(') ? frame.functionName : 'native'
  const [first = '', second = ''] = place.split('/')
  return first.startsWith('@') || first === 'packages' || first === 'apps' ? `${first}/${second}` : first
}

const sum = (profile: CpuProfile, nameOf: (frame: Frame) => string): SelfTime[] => {
  const names = new Map(profile.nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const totals = new Map<string, number>()
  let all = 0
  for (const [at, id] of profile.samples.entries()) {
    const name = names.get(id) ?? ''
    if (name === '(idle)') continue
    const ms = (profile.timeDeltas[at] ?? 0) / 1000
    totals.set(name, (totals.get(name) ?? 0) + ms)
    all += ms
  }
  return [...totals].map(([name, ms]) => ({ name, ms, share: ms / all })).sort((a, b) => b.ms - a.ms)
}

/** The functions that took most time themselves. */
export const topFunctions = (profile: CpuProfile, limit: number): SelfTime[] =>
  sum(profile, functionOf).slice(0, limit)

/** The same by package, and by module of Node itself. */
export const topParts = (profile: CpuProfile, limit: number): SelfTime[] =>
  sum(profile, partOf).slice(0, limit)

/** The last part of a profile, without what came before: starting, and compiling. */
export const lastSeconds = (profile: CpuProfile, seconds: number): CpuProfile => {
  let left = seconds * 1_000_000
  let from = profile.samples.length
  while (from > 0 && left > 0) {
    from -= 1
    left -= profile.timeDeltas[from] ?? 0
  }
  return {
    nodes: profile.nodes,
    samples: profile.samples.slice(from),
    timeDeltas: profile.timeDeltas.slice(from),
  }
}
