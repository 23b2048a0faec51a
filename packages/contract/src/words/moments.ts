import { z } from 'zod'

// There is no year 0 in Postgres, and none that anybody means.
const hasYear = (text: string): boolean => !text.startsWith('0000')

/** A moment in UTC, ISO 8601 with milliseconds: `2026-11-21T09:30:00.000Z`. */
export const Moment = z.iso
  .datetime({ precision: 3 })
  .refine(hasYear, 'Year 0000 is none: begin with 0001')
  .describe('Moment in UTC, ISO 8601 with milliseconds')

/** A calendar day without a time zone: `2026-11-21`. */
export const Day = z.iso
  .date()
  .refine(hasYear, 'Year 0000 is none: begin with 0001')
  .describe('Calendar day, ISO 8601')
