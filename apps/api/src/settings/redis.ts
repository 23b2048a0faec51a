import { z } from 'zod'

const Store = z.enum(['auto', 'memory', 'redis']).default('auto')

/** Where Redis is, which several processes need to share caches, limits, locks and messages. */
export const RedisSettings = z
  .strictObject({
    url: z
      .url({ protocol: /^rediss?$/ })
      .optional()
      .describe('redis://HOST:PORT/DB or rediss://...; left out: no Redis'),
    keyPrefix: z.string().max(50).default('plinth:').describe('What the names of all keys begin with'),
    connectTimeoutMs: z.int().min(1).default(2000).describe('How long a connection may take'),
    commandTimeoutMs: z
      .int()
      .min(1)
      .default(250)
      .describe(
        'How long a command may take; three late ones in a row, and Redis counts as away until it answers',
      ),
  })
  .prefault({})

/** How answers are kept. */
export const CacheSettings = z
  .strictObject({
    on: z.boolean().default(true).describe('Whether answers are kept and given again'),
    store: Store.describe('Where: in Redis, or in each process; auto: in Redis where there is one'),
    maxEntries: z.int().min(1).default(10_000).describe('In process: most answers kept'),
    maxBytes: z
      .int()
      .min(1)
      .default(64 * 1024 * 1024)
      .describe('In process: most bytes kept'),
    maxEntryBytes: z
      .int()
      .min(1)
      .default(1024 * 1024)
      .describe('In Redis: largest answer kept; how much it holds in all is its own setting, maxmemory'),
    warm: z
      .array(
        z.strictObject({
          procedure: z.string().describe('Full name of a public read, such as commerce.products.list'),
          input: z.unknown().default({}),
        }),
      )
      .max(100)
      .optional()
      .describe(
        'Reads whose answers are kept before anybody asks; left out: the first pages of products and categories',
      ),
    warmEveryMs: z.int().min(100).default(25_000).describe('How often they are computed anew'),
  })
  .prefault({})

/** Where requests are counted. */
export const LimiterSettings = z
  .strictObject({
    store: Store.describe('Where: in Redis, or in each process; auto: in Redis where there is one'),
  })
  .prefault({})

/** How processes tell each other. */
export const BusSettings = z
  .strictObject({
    store: z
      .enum(['auto', 'memory', 'redis', 'postgres'])
      .default('auto')
      .describe('Through Redis, through the database, or not at all; auto: the first of these that there is'),
  })
  .prefault({})
