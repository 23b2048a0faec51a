import { z } from 'zod'

/** When somebody is told that something needs a look, and how. */
export const AlertSettings = z
  .strictObject({
    webhook: z
      .url({ protocol: /^https?$/ })
      .optional()
      .describe('Alerts are posted there as JSON; left out: they are logged alone'),
    webhookTimeoutMs: z.int().min(1).default(5000).describe('How long the receiver of an alert may take'),
    backupAgeMs: z
      .int()
      .min(1)
      .optional()
      .describe('Raises an alert when the last backup is older, failed or missing; left out: never'),
    databaseBytes: z
      .int()
      .min(1)
      .optional()
      .describe('Raises an alert when the database takes up more; left out: never'),
    freeBytes: z
      .int()
      .min(0)
      .default(256 * 1024 * 1024)
      .describe('Raises an alert when less is free where a database file lies'),
    connectionShare: z
      .number()
      .min(0.01)
      .max(1)
      .default(0.9)
      .describe(
        'Raises an alert when this share of the connections is in use while somebody waits, or of those of the server',
      ),
    failuresPerMinute: z
      .int()
      .min(1)
      .default(10)
      .describe('Raises an alert when more unhandled errors occur within a minute'),
  })
  .prefault({})
