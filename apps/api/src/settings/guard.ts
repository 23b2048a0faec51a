import { z } from 'zod'

const ms = z.int().min(1)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

const points = (fallback: number) => z.number().min(0).max(1000).default(fallback)
const Action = z.enum(['flag', 'slow', 'refuse']).default('flag')
const Network = z
  .union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])
  .describe('An address, or a range such as 10.0.0.0/8')

const requests = z
  .strictObject({
    on: z.boolean().default(true).describe('Whether requests are kept for administrators to look at'),
    bodyBytes: z
      .int()
      .min(0)
      .max(65_536)
      .default(2048)
      .describe('Most bytes that are kept of the body of a write, secrets masked; 0: none'),
    maskedFields: z
      .array(z.string().min(1))
      .default([])
      .describe('Names of fields to mask beside passwords, tokens, codes, cards and the like'),
    retentionDays: z.int().min(1).default(14).describe('Days that requests are kept'),
    share: z
      .number()
      .min(0)
      .max(1)
      .default(1)
      .describe('Share of reads answered well that is kept; writes and refusals all are'),
  })
  .prefault({})

const bans = z
  .strictObject({
    on: z.boolean().default(true).describe('Whether offences lead to warnings and bans'),
    points: z
      .strictObject({
        limited: points(1).describe('A call over its limit'),
        loginFailed: points(1).describe('A wrong password or code'),
        trap: points(20).describe('A visit to guard.trap'),
        attack: points(8).describe('An address that looks for holes'),
        scanner: points(8).describe('A request of a scanner that names itself'),
        falseCrawler: points(8).describe('A request of a crawler that is not whom it says'),
      })
      .prefault({}),
    threshold: z.number().min(1).default(40).describe('So many points lead one step up the ladder'),
    halfLifeMs: ms
      .default(10 * MINUTE)
      .describe('Half of the points that count for the next step are forgotten after this'),
    steps: z
      .array(z.int().min(0))
      .min(1)
      .max(20)
      .default([0, MINUTE, 10 * MINUTE, HOUR, DAY])
      .describe('Length of the ban of each step; 0 is a warning'),
    stepDownMs: ms.default(DAY).describe('Time without a new step after which one step is forgotten'),
    exempt: z
      .array(Network)
      .default([
        '127.0.0.0/8',
        '::1/128',
        '10.0.0.0/8',
        '172.16.0.0/12',
        '192.168.0.0/16',
        '100.64.0.0/10',
        '169.254.0.0/16',
        'fc00::/7',
        'fe80::/10',
      ])
      .describe('Networks never banned for offences: our own, behind which a proxy may hide everybody'),
  })
  .prefault({})

const lowered = z
  .strictObject({
    below: z.number().min(0).max(100).default(60).describe('Score from which limits are lowered; 0: never'),
    share: z.number().min(0.01).max(1).default(0.25).describe('What is left of the limits then'),
    halfLifeMs: ms.default(HOUR).describe('Half of the points of a score are forgotten after this'),
  })
  .prefault({})

const bots = z
  .strictObject({
    low: Action.describe('HTTP libraries, tools and unknown clients: legitimate users of an API'),
    medium: Action.describe('Browsers by name whose headers no browser sends'),
    high: Action.describe('Crawlers, scanners, and who is not the crawler that it says'),
    slowMs: ms.max(30_000).default(2000).describe('For how long a slowed request waits'),
    mostSlow: z
      .int()
      .min(1)
      .default(100)
      .describe('Most requests that wait so at once; more are answered 429'),
    verifyCrawlers: z
      .boolean()
      .default(false)
      .describe('Whether crawlers that can be verified by the DNS are, which asks a name server'),
    nameServers: z
      .array(z.string().min(3))
      .optional()
      .describe('Name servers that are asked, such as 127.0.0.1:5353; left out: those of the system'),
    exempt: z
      .array(z.string().min(3))
      .default([])
      .describe('Parts of user agents that are always let through'),
  })
  .prefault({})

const threats = z
  .strictObject({
    lists: z
      .record(z.string().regex(/^[a-z][a-z0-9-]{0,40}$/), z.string().min(1))
      .default({})
      .describe('Lists of bad addresses by name: a path, or an address to read from, imported every hour'),
    points: points(30).describe('Points that an address has for being on a list'),
    refuse: z.boolean().default(false).describe('Whether listed addresses are refused at once'),
  })
  .prefault({})

/** How requests are judged before they are answered, and kept afterwards. */
export const GuardSettings = z
  .strictObject({
    on: z.boolean().default(true).describe('Whether requests are judged and kept at all'),
    requests,
    refreshMs: ms.default(5000).describe('Longest time until a process obeys what another one changed'),
    writeMs: ms.default(1000).describe('How often requests and offences are written'),
    mostWaiting: z
      .int()
      .min(1)
      .max(100_000)
      .default(500)
      .describe('Most requests that wait to be written; more are counted and not kept'),
    trap: z
      .string()
      .regex(/^\/[\w\-/]+$/)
      .default('/internal/members')
      .describe('Path that robots.txt forbids and nothing leads to: who asks for it ignores both'),
    countryFile: z
      .string()
      .optional()
      .describe('MMDB file that tells the country of addresses; left out: IP2Location LITE, of IPv4 alone'),
    bans,
    lowered,
    bots,
    threats,
  })
  .prefault({})
