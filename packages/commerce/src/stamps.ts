import type { Actor } from '@plinth/kit'
import type { Written } from './columns.ts'

/** Who calls and when, as every handler that writes has it. */
interface Moment {
  readonly actor: Actor
  readonly now: Date
}

/** The columns of a row that is changed now. */
export const changed = ({ actor, now }: Moment): Pick<Written, 'updated_at' | 'updated_by'> => ({
  updated_at: now.toISOString(),
  updated_by: actor.userId,
})

/** The columns of a row that is made now. */
export const made = (moment: Moment): Written => {
  const { updated_at, updated_by } = changed(moment)
  return { created_at: updated_at, updated_at, created_by: updated_by, updated_by }
}
