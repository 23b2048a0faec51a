import { z } from 'zod'
import { conflict } from '../errors.ts'
import { mutation, query } from '../procedure.ts'
import { Slug } from '../words/formats.ts'
import { id } from '../words/ids.ts'
import { Moment } from '../words/moments.ts'
import { page, pageInput } from '../words/page.ts'
import { line, prose } from '../words/text.ts'

/** Id of a category, `cat_...`. */
export const CategoryId = id('cat')

/** A place in the tree of categories. */
export const Category = z
  .object({
    id: CategoryId,
    slug: z.string(),
    name: z.string(),
    description: z.string(),
    parentId: CategoryId.nullable().describe('The category above; null at the top'),
    createdAt: Moment,
    updatedAt: Moment,
  })
  .meta({ id: 'Category' })

export type Category = z.infer<typeof Category>

/** The category that examples show. */
const exampleCategory: Category = {
  id: 'cat_01jd7m3x5sfa9v8k2cq4w6y8ze',
  slug: 'mountain-bikes',
  name: 'Mountain Bikes',
  description: '',
  parentId: 'cat_01jd7m3x5sfa9v8k2cq4w6y8zd',
  createdAt: '2026-11-21T09:30:00.000Z',
  updatedAt: '2026-11-21T09:30:00.000Z',
}

const SLUG_TAKEN = conflict('Another category has this slug: choose another one.')
const CATEGORY_CYCLE = conflict('A category cannot be below itself: choose another parent.')
const PARENT_UNKNOWN = conflict('The parent category does not exist: choose another one.')
const fields = { name: line(100), slug: Slug, description: prose(2000), parentId: CategoryId.nullable() }

/** Categories: a tree that products belong to. */
export const categories = {
  /** List categories, all or those directly below one, by name */
  list: query({
    summary: 'List categories, all or those directly below one, by name',
    access: 'public',
    cache: { seconds: 60, tags: ['categories'] },
    input: z.strictObject({
      ...pageInput,
      parentId: CategoryId.optional().describe('Only those directly below this one'),
      top: z.boolean().optional().describe('true: only those without a parent'),
    }),
    output: page(Category),
    example: { input: {}, output: { items: [exampleCategory], nextCursor: null } },
  }),

  /** Read a category */
  get: query({
    summary: 'Read a category',
    access: 'public',
    cache: { seconds: 60, tags: ['categories'] },
    input: z.strictObject({ id: CategoryId }),
    output: Category,
    example: { input: { id: exampleCategory.id }, output: exampleCategory },
  }),

  /** Read a category by its slug */
  getBySlug: query({
    summary: 'Read a category by its slug',
    rest: 'GET /categories/by-slug/{slug}',
    access: 'public',
    cache: { seconds: 60, tags: ['categories'] },
    input: z.strictObject({ slug: Slug }),
    output: Category,
    example: { input: { slug: exampleCategory.slug }, output: exampleCategory },
  }),

  /** Create a category */
  create: mutation({
    summary: 'Create a category',
    access: 'categories:write',
    invalidates: ['categories'],
    input: z.strictObject({
      name: fields.name,
      slug: Slug.optional().describe('Left out: made from the name'),
      description: fields.description.default(''),
      parentId: fields.parentId.default(null),
    }),
    output: Category,
    errors: { SLUG_TAKEN, PARENT_UNKNOWN },
    example: { input: { name: 'Mountain Bikes' }, output: exampleCategory },
  }),

  /** Change a category; only the fields given change */
  update: mutation({
    summary: 'Change a category; only the fields given change',
    access: 'categories:write',
    invalidates: ['categories', 'products'],
    input: z.strictObject({ id: CategoryId, ...z.object(fields).partial().shape }),
    output: Category,
    errors: { SLUG_TAKEN, PARENT_UNKNOWN, CATEGORY_CYCLE },
    example: { input: { id: exampleCategory.id, name: 'Mountain Bikes' }, output: exampleCategory },
  }),

  /** Delete a category that has no subcategories; its products stay, without a category */
  delete: mutation({
    summary: 'Delete a category that has no subcategories; its products stay, without a category',
    access: 'categories:write',
    invalidates: ['categories', 'products'],
    input: z.strictObject({ id: CategoryId }),
    output: z.object({ id: CategoryId, deletedAt: Moment }),
    errors: { CATEGORY_NOT_EMPTY: conflict('The category has subcategories: move or delete them first.') },
    example: {
      input: { id: exampleCategory.id },
      output: { id: exampleCategory.id, deletedAt: '2026-11-21T10:00:00.000Z' },
    },
  }),
}
