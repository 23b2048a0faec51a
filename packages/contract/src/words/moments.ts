import { z } from 'zod'

/** A moment in UTC, ISO 8601 with milliseconds: `2026-11-21T09:30:00.000Z`. */
export const Moment = z.iso.datetime({ precision: 3 }).describe('Moment in UTC, ISO 8601 with milliseconds')

/** A calendar day without a time zone: `2026-11-21`. */
export const Day = z.iso.date().describe('Calendar day, ISO 8601')
