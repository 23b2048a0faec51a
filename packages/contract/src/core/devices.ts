import { z } from 'zod'
import { mutation, query } from '../procedure.ts'
import { id } from '../words/ids.ts'
import { Moment } from '../words/moments.ts'
import { page, pageInput } from '../words/page.ts'
import { line } from '../words/text.ts'

const DeviceId = id('dev')

/** A device that somebody signed in from. */
export const Device = z
  .object({
    id: DeviceId,
    name: z.string(),
    platform: z.string().nullable().describe('Such as Windows or Android'),
    current: z.boolean().describe('Whether the login that asks was made from it'),
    address: z.string().nullable().describe('Where it signed in last'),
    country: z.string().nullable().describe('Country of that address (ISO 3166, two letters)'),
    createdAt: Moment,
    lastSeenAt: Moment.describe('When somebody last signed in from it'),
  })
  .meta({ id: 'Device' })

const example: z.infer<typeof Device> = {
  id: 'dev_01jd7m3x5sfa9v8k2cq4w6y8ze',
  name: 'Firefox on Windows',
  platform: 'Windows',
  current: true,
  address: '127.0.0.1',
  country: null,
  createdAt: '2026-11-21T09:30:00.000Z',
  lastSeenAt: '2026-11-21T09:30:00.000Z',
}

/** Devices that the own account was signed in to from. */
export const devices = {
  /** List the own devices, the one last seen first */
  list: query({
    summary: 'List the own devices, the one last seen first',
    rest: 'GET /user/devices',
    scope: null,
    input: z.strictObject(pageInput),
    output: page(Device),
    example: { input: {}, output: { items: [example], nextCursor: null } },
  }),

  /** Give one of the own devices another name */
  update: mutation({
    summary: 'Give one of the own devices another name',
    rest: 'PUT /user/devices/{id}',
    scope: null,
    input: z.strictObject({ id: DeviceId, name: line(100) }),
    output: Device,
    example: { input: { id: example.id, name: 'Work laptop' }, output: { ...example, name: 'Work laptop' } },
  }),

  /** Remove one of the own devices; its logins end */
  delete: mutation({
    summary: 'Remove one of the own devices; its logins end',
    rest: 'DELETE /user/devices/{id}',
    scope: null,
    input: z.strictObject({ id: DeviceId }),
    output: z.object({ id: DeviceId, endedLogins: z.int() }),
    example: { input: { id: example.id }, output: { id: example.id, endedLogins: 1 } },
  }),
}
