import { z } from 'zod'
import { query } from '../procedure.ts'
import { Address } from '../words/addresses.ts'
import { range } from '../words/filters.ts'
import { id } from '../words/ids.ts'
import { Moment } from '../words/moments.ts'
import { page, pageInput } from '../words/page.ts'

/** One request as it was answered. */
const LoggedRequest = z
  .object({
    id: id('req'),
    at: Moment.describe('When it came'),
    requestId: z.string(),
    method: z.string(),
    route: z.string().describe('Procedures that answered, joined by commas in a batch; else the path'),
    path: z.string().describe('Without the query string'),
    status: z.int(),
    durationMs: z.number(),
    received: z.int().describe('Bytes of the body that came'),
    sent: z.int().describe('Bytes of the body that was sent, as compressed'),
    address: z.string(),
    userId: z.string().nullable(),
    country: z.string().describe('ISO 3166-1 code of two letters, or unknown'),
    region: z.string().describe('Code of the part of the country (ISO 3166-2), or unknown'),
    userAgent: z.string().nullable(),
    fingerprint: z.string().describe('Alike for requests of one client from one network'),
    client: z
      .enum([
        'browser',
        'library',
        'crawler',
        'verified-crawler',
        'false-crawler',
        'pretender',
        'scanner',
        'unknown',
      ])
      .describe('What the request looks like'),
    botConfidence: z
      .enum(['none', 'low', 'medium', 'high'])
      .describe('How sure it is that no person sent it'),
    signs: z
      .array(z.string())
      .describe('What else was noticed, such as trap, traversal, or caught-before of its fingerprint'),
    body: z.string().nullable().describe('Body of a write, secrets masked, cut off at a bound'),
  })
  .meta({ id: 'LoggedRequest' })

/** Requests that were answered, kept for some weeks. */
export const requests = {
  /** List requests, newest first, by address, user, route, status and time */
  list: query({
    summary: 'List requests, newest first, by address, user, route, status and time',
    access: 'requests:read',
    mayLag: true,
    input: z.strictObject({
      ...pageInput,
      address: Address.optional(),
      userId: id('usr').optional(),
      route: z.string().min(1).max(300).optional().describe('As the log shows it'),
      status: range(z.int().min(100).max(599)),
      fingerprint: z.string().min(1).max(64).optional(),
      at: range(Moment),
    }),
    output: page(LoggedRequest),
    example: {
      input: { route: 'core.sessions.login', status: { eq: 401 } },
      output: {
        items: [
          {
            id: 'req_01jd7m3x5sfa9v8k2cq4w6y8ze',
            at: '2026-11-21T09:30:00.000Z',
            requestId: 'a3f1c2d4e5f60718',
            method: 'POST',
            route: 'core.sessions.login',
            path: '/api/v1/auth/login',
            status: 401,
            durationMs: 31.4,
            received: 58,
            sent: 187,
            address: '203.0.113.7',
            userId: null,
            country: 'unknown',
            region: 'unknown',
            userAgent: 'curl/8.5.0',
            fingerprint: '5d41402abc4b2a76b9719d91',
            client: 'library',
            botConfidence: 'low',
            signs: [],
            body: '{"email":"ada@example.com","password":"[masked]"}',
          },
        ],
        nextCursor: null,
      },
    },
  }),
}
