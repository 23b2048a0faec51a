import type { Written } from '../columns.ts'

/** Words that products are marked with; a deleted tag leaves the table. */
export interface TagsTable extends Written {
  id: string
  slug: string
  name: string
  /** The name as `foldName` writes it: both engines sort it alike. */
  folded_name: string
}
