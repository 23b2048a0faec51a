import type { Actor } from './ports.ts'

interface Moment {
  readonly actor: Actor
  readonly now: Date
}

/** The columns that say who changed a row, and when: now. */
export const changed = ({ actor, now }: Moment): { updated_at: string; updated_by: string } => ({
  updated_at: now.toISOString(),
  updated_by: actor.userId,
})

/** The columns of a row that is made now. */
export const made = (moment: Moment) => {
  const { updated_at, updated_by } = changed(moment)
  return { created_at: updated_at, updated_at, created_by: updated_by, updated_by }
}
