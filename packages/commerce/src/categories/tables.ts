import type { Written } from '../columns.ts'

/** The tree of categories. Slugs are unique among those that are not deleted. */
export interface CategoriesTable extends Written {
  id: string
  parent_id: string | null
  slug: string
  name: string
  /** The name as `foldName` writes it: both engines sort it alike. */
  folded_name: string
  description: string
  deleted_at: string | null
}
