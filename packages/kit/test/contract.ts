import {
  conflict,
  download,
  id,
  mutation,
  nothing,
  own,
  page,
  pageInput,
  query,
  range,
  subscription,
  upload,
} from '@plinth/contract'
import { z } from 'zod'

const Thing = z.object({ id: z.string(), name: z.string(), ownerId: z.string(), size: z.int() })
const byId = z.strictObject({ id: id('prd') })

/** A contract with every kind and policy that the kit knows, for its own tests. */
const things = {
  list: query({
    summary: 'List things',
    access: 'public',
    cache: { seconds: 60, tags: ['things'] },
    input: z.strictObject({
      ...pageInput,
      size: range(z.int()),
      names: z.array(z.string()).optional(),
      big: z.boolean().optional(),
      sort: z.array(z.enum(['name', '-name'])).optional(),
    }),
    output: page(Thing),
  }),
  mine: query({
    summary: 'List the own things',
    cache: { seconds: 60, tags: ['things'] },
    input: nothing,
    output: z.object({ userId: z.string(), count: z.int() }),
  }),
  total: query({
    summary: 'Count all things',
    access: 'public',
    input: z.strictObject({ atLeast: z.int().default(0) }),
    output: z.object({ count: z.int() }),
  }),
  get: query({ summary: 'Read a thing', access: own('products:write'), input: byId, output: Thing }),
  create: mutation({
    summary: 'Make a thing',
    invalidates: ['things'],
    input: z.strictObject({
      name: z.string().min(1).max(20),
      size: z.int().default(1),
      fail: z.enum(['before', 'commit', 'crash', 'shape']).optional(),
    }),
    output: Thing,
    errors: { REFUSED: conflict('It was refused.'), NAME_TAKEN: conflict('The name is taken.') },
  }),
  rename: mutation({
    summary: 'Rename a thing without a transaction around it',
    access: 'products:write',
    transaction: false,
    invalidates: ['things'],
    input: z.strictObject({
      id: id('prd'),
      name: z.string(),
      password: z.string().meta({ format: 'password' }).optional(),
      fail: z.enum(['after']).optional(),
    }),
    output: Thing,
  }),
  limited: mutation({
    summary: 'Do something that is limited',
    access: 'public',
    limit: { group: 'auth', field: 'email' },
    idempotent: false,
    audit: false,
    input: z.strictObject({ email: z.string() }),
    output: z.object({ email: z.string() }),
  }),
  count: subscription({
    summary: 'Count upwards',
    access: 'public',
    input: z.strictObject({ to: z.int().min(0).max(10) }),
    output: z.object({ value: z.int() }),
  }),
  measure: upload({
    summary: 'Measure a file',
    input: z.strictObject({ file: z.file(), name: z.string() }),
    output: z.object({ name: z.string(), bytes: z.int() }),
  }),
  report: download({ summary: 'Fetch a report', input: z.strictObject({ title: z.string() }) }),
  manual: download({ summary: 'Fetch the manual', input: nothing }),
}

/** The contract of the kit's own tests. */
export const testContract = { shop: { things } }
