import { z } from 'zod'

const ms = (fallback: number) => z.int().min(1).default(fallback)

/** Where traces go, and which are kept. */
export const TracingSettings = z
  .strictObject({
    url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe(
        'Where a collector takes traces over OTLP/HTTP, such as http://127.0.0.1:4318/v1/traces; left out: nothing is traced',
      ),
    headers: z
      .record(z.string(), z.string())
      .default({})
      .describe('Headers for the collector, such as {"authorization":"Bearer ..."}'),
    service: z.string().min(1).default('plinth').describe('Name of this server in traces'),
    ratio: z
      .number()
      .min(0)
      .max(1)
      .default(1)
      .describe(
        'Share of the traces that is kept, of those that begin here; others bring their own decision',
      ),
    everyMs: ms(1000).describe('How often finished spans are sent'),
    queue: z
      .int()
      .min(1)
      .max(100_000)
      .default(4096)
      .describe('Most spans that wait to be sent; more are dropped and counted'),
    timeoutMs: ms(5000).describe('Longest time of sending one batch, with all its tries'),
    closeMs: ms(2000).describe('How long a stopping server goes on sending'),
  })
  .prefault({})
