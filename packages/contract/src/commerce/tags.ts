import { z } from 'zod'
import { conflict } from '../errors.ts'
import { mutation, query } from '../procedure.ts'
import { Slug } from '../words/formats.ts'
import { id } from '../words/ids.ts'
import { Moment } from '../words/moments.ts'
import { page, pageInput } from '../words/page.ts'
import { line } from '../words/text.ts'

/** Id of a tag, `tag_...`. */
export const TagId = id('tag')

/** A word that products are marked with. */
export const Tag = z
  .object({ id: TagId, slug: z.string(), name: z.string(), createdAt: Moment, updatedAt: Moment })
  .meta({ id: 'Tag' })

export type Tag = z.infer<typeof Tag>

/** The tag that examples show. */
const exampleTag: Tag = {
  id: 'tag_01jd7m3x5sfa9v8k2cq4w6y8ze',
  slug: 'on-sale',
  name: 'On sale',
  createdAt: '2026-11-21T09:30:00.000Z',
  updatedAt: '2026-11-21T09:30:00.000Z',
}

const SLUG_TAKEN = conflict('Another tag has this slug: choose another one.')

/** Tags: words that products are marked with and filtered by. */
export const tags = {
  /** List tags by name */
  list: query({
    summary: 'List tags by name',
    access: 'public',
    cache: { seconds: 60, tags: ['tags'] },
    input: z.strictObject(pageInput),
    output: page(Tag),
    example: { input: {}, output: { items: [exampleTag], nextCursor: null } },
  }),

  /** Read a tag */
  get: query({
    summary: 'Read a tag',
    access: 'public',
    cache: { seconds: 60, tags: ['tags'] },
    input: z.strictObject({ id: TagId }),
    output: Tag,
    example: { input: { id: exampleTag.id }, output: exampleTag },
  }),

  /** Read a tag by its slug */
  getBySlug: query({
    summary: 'Read a tag by its slug',
    rest: 'GET /tags/by-slug/{slug}',
    access: 'public',
    cache: { seconds: 60, tags: ['tags'] },
    input: z.strictObject({ slug: Slug }),
    output: Tag,
    example: { input: { slug: exampleTag.slug }, output: exampleTag },
  }),

  /** Create a tag */
  create: mutation({
    summary: 'Create a tag',
    access: 'tags:write',
    invalidates: ['tags'],
    input: z.strictObject({ name: line(60), slug: Slug.optional().describe('Left out: made from the name') }),
    output: Tag,
    errors: { SLUG_TAKEN },
    example: { input: { name: 'On sale' }, output: exampleTag },
  }),

  /** Change a tag; only the fields given change */
  update: mutation({
    summary: 'Change a tag; only the fields given change',
    access: 'tags:write',
    invalidates: ['tags', 'products'],
    input: z.strictObject({ id: TagId, name: line(60).optional(), slug: Slug.optional() }),
    output: Tag,
    errors: { SLUG_TAKEN },
    example: { input: { id: exampleTag.id, name: 'On sale' }, output: exampleTag },
  }),

  /** Delete a tag; products lose it */
  delete: mutation({
    summary: 'Delete a tag; products lose it',
    access: 'tags:write',
    invalidates: ['tags', 'products'],
    input: z.strictObject({ id: TagId }),
    output: z.object({ id: TagId, deletedAt: Moment }),
    example: {
      input: { id: exampleTag.id },
      output: { id: exampleTag.id, deletedAt: '2026-11-21T10:00:00.000Z' },
    },
  }),
}
