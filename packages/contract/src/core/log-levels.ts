import { z } from 'zod'
import { mutation, query } from '../procedure.ts'
import { nothing } from '../words/formats.ts'

const Level = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])
const ModuleName = z
  .string()
  .regex(/^[a-z][a-z-]{0,30}$/, 'must be the name of a module')
  .describe('Module of the server, or all for every one')

/** The lowest level that one module of the answering process logs. */
const LogLevel = z.object({ module: z.string(), level: z.string() }).meta({ id: 'LogLevel' })

/** Log levels of the process that answers; they can be changed while it runs, and start anew with it. */
export const logLevels = {
  /** List the log levels of the answering process by module */
  list: query({
    summary: 'List the log levels of the answering process by module',
    access: 'system:read',
    input: nothing,
    output: z.object({ items: z.array(LogLevel) }),
    example: { output: { items: [{ module: 'all', level: 'info' }] } },
  }),

  /** Set the log level of a module, or of all, in the answering process */
  set: mutation({
    summary: 'Set the log level of a module, or of all, in the answering process',
    rest: 'PUT /log-levels/{module}',
    access: 'system:write',
    idempotent: false,
    input: z.strictObject({ module: ModuleName, level: Level }),
    output: LogLevel,
    example: { input: { module: 'db', level: 'debug' }, output: { module: 'db', level: 'debug' } },
  }),
}
