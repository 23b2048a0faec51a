import type { GuardSettings, Offence } from './settings.ts'
import type { ReputationsTable } from './tables.ts'

/** What an address did since it was written down last, how often. */
export type Deeds = Partial<Record<Offence, number>>

/** A step of the ladder that an address has just reached. */
export interface Step {
  readonly step: number
  /** 0: a warning. */
  readonly banMs: number
}

/** What is left of points after some time. */
export const faded = (points: number, ms: number, halfLifeMs: number): number =>
  points * 2 ** (-Math.max(0, ms) / halfLifeMs)

/** A score from points: 100 for none, 50 at the threshold, and never below 0. */
export const scoreOf = (points: number, threshold: number): number =>
  Math.round(1000 / 2 ** (points / threshold)) / 10

/** The points that deeds are worth. */
export const pointsOf = (deeds: Deeds, { points }: Pick<GuardSettings['bans'], 'points'>): number => {
  let sum = 0
  for (const [offence, times] of Object.entries(deeds)) sum += points[offence as Offence] * times
  return sum
}

/** The place on the ladder that counts now: it is stepped down with time. */
const stepNow = (
  { step, step_at }: Pick<ReputationsTable, 'step' | 'step_at'>,
  now: number,
  stepDownMs: number,
): number => {
  if (step === null || step_at === null) return -1
  return Math.max(-1, step - Math.floor((now - Date.parse(step_at)) / stepDownMs))
}

const summed = (before: Readonly<Record<string, number>>, deeds: Deeds): Record<string, number> => {
  const sum = { ...before }
  for (const [offence, times] of Object.entries(deeds)) sum[offence] = (sum[offence] ?? 0) + times
  return sum
}

const fresh = (network: string, at: string): ReputationsTable => ({
  network,
  points: 0,
  toward: 0,
  points_at: at,
  step: null,
  step_at: null,
  offences: {},
  last_offence_at: at,
  changed_at: at,
})

/** What a reputation becomes by new deeds, and the step that they lead to, if they do. */
export const worsened = (
  known: ReputationsTable | undefined,
  { network, deeds, listed }: { readonly network: string; readonly deeds: Deeds; readonly listed: boolean },
  { bans, lowered, threats }: Pick<GuardSettings, 'bans' | 'lowered' | 'threats'>,
  now: Date,
): { readonly row: ReputationsTable; readonly step: Step | null } => {
  const at = now.toISOString()
  const before = known ?? fresh(network, at)
  const ms = now.getTime() - Date.parse(before.points_at)
  const gained = pointsOf(deeds, bans)
  const points = faded(before.points, ms, lowered.halfLifeMs) + gained
  const toward = faded(before.toward, ms, bans.halfLifeMs) + gained
  const row = {
    ...before,
    points,
    toward,
    points_at: at,
    offences: summed(before.offences, deeds),
    last_offence_at: at,
    changed_at: at,
  }
  // Who is on a list of others has less of a way to go.
  if (!bans.on || toward + (listed ? threats.points : 0) < bans.threshold) return { row, step: null }
  const step = Math.min(stepNow(before, now.getTime(), bans.stepDownMs) + 1, bans.steps.length - 1)
  return { row: { ...row, toward: 0, step, step_at: at }, step: { step, banMs: bans.steps[step] ?? 0 } }
}
