import { download, mutation, nothing, query, type RouterOf, subscription, upload } from '@plinth/contract'
import { z } from 'zod'

const values = {
  /** Counts from one, a value every few milliseconds */
  count: subscription({
    summary: 'Count upwards, a value every few milliseconds',
    access: 'public',
    input: z.strictObject({ to: z.int(), everyMs: z.int() }),
    output: z.object({ value: z.int() }),
  }),
  /** Counts for the user of the token */
  mine: subscription({
    summary: 'Count upwards for the user of the token',
    input: z.strictObject({ to: z.int(), everyMs: z.int() }),
    output: z.object({ userId: z.string(), value: z.int() }),
  }),
  /** Adds one */
  add: mutation({
    summary: 'Add one, slowly',
    input: z.strictObject({ takesMs: z.int() }),
    output: z.object({ calls: z.int() }),
  }),
  /** Tells how many were added */
  added: query({ summary: 'Tell how often was added', input: nothing, output: z.object({ calls: z.int() }) }),
}

const files = {
  /** Measures a file */
  measure: upload({
    summary: 'Measure a file',
    input: z.strictObject({ file: z.file(), name: z.string() }),
    output: z.object({
      name: z.string(),
      filename: z.string(),
      type: z.string(),
      bytes: z.int(),
      sum: z.int(),
    }),
  }),
  /** Answers a file */
  report: download({
    summary: 'Fetch a report of a size, slowly',
    input: z.strictObject({ title: z.string(), chunks: z.int(), everyMs: z.int() }),
  }),
}

const sessions = {
  /** Renews a token */
  refresh: mutation({
    summary: 'Renew a token',
    access: 'public',
    idempotent: false,
    input: z.strictObject({ refreshToken: z.string() }),
    output: z.object({ tokens: z.object({ accessToken: z.string(), refreshToken: z.string() }) }),
  }),
}

/** A contract with the kinds that the shipped one has no procedure of yet. */
export const testContract = { test: { values, files }, core: { sessions } }

/** Its router type. */
export type TestRouter = RouterOf<typeof testContract>
