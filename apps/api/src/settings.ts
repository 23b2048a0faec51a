import { z } from 'zod'
import { AccountSettings, PasswordSettings } from './settings/accounts.ts'
import { AlertSettings } from './settings/alerts.ts'
import { BackgroundSettings } from './settings/background.ts'
import { BrokerSettings } from './settings/broker.ts'
import { FilesSettings } from './settings/files.ts'
import { GuardSettings } from './settings/guard.ts'
import { JobsSettings, RetentionSettings } from './settings/jobs.ts'
import { KeySettings } from './settings/keys.ts'
import { LockoutSettings } from './settings/lockout.ts'
import { MailSettings } from './settings/mail.ts'
import { OtpSettings } from './settings/otp.ts'
import { OutsideSettings } from './settings/outside.ts'
import { BusSettings, CacheSettings, LimiterSettings, RedisSettings } from './settings/redis.ts'
import { PasskeySettings, SecondFactorSettings } from './settings/second-factors.ts'
import { SmsSettings } from './settings/sms.ts'
import { SocialSettings } from './settings/social.ts'
import { StrainSettings } from './settings/strain.ts'
import { TracingSettings } from './settings/tracing.ts'
import { WebhookSettings } from './settings/webhooks.ts'

const Rule = z.strictObject({
  perMinute: z.int().min(1).describe('Requests per minute that are allowed over time'),
  burst: z.int().min(0).describe('How many more may come at once'),
  strategy: z
    .enum(['token-bucket', 'sliding-window'])
    .optional()
    .describe('sliding-window: never more than perMinute within any minute; left out: token-bucket'),
  roles: z
    .record(z.string(), z.number().positive().max(1000))
    .optional()
    .describe('By how much more a role may do, such as {"manager":5}'),
  strained: z
    .enum(['nobody', 'anonymous', 'everybody'])
    .optional()
    .describe('Whose limits shrink under strain; left out: anonymous'),
})

const ms = (fallback: number) => z.int().min(1).default(fallback)
const level = z.enum(['trace', 'debug', 'info', 'warn', 'error', 'silent'])

/**
 * Every setting of a server, as the YAML file writes it. In the environment a setting is called by its path:
 * `database.pool.max` is `PLINTH_DATABASE_POOL_MAX`, but for the few in {@link wellKnown}.
 */
export const Settings = z.strictObject({
  env: z
    .enum(['development', 'production', 'test'])
    .default('development')
    .describe('production refuses unsafe defaults'),
  host: z.string().default('127.0.0.1').describe('Address to listen on'),
  port: z.int().min(0).max(65_535).default(3000).describe('Port to listen on; 0 takes any that is free'),
  publicUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where clients reach this server; left out: host and port'),
  webUrl: z
    .url({ protocol: /^https?$/ })
    .optional()
    .describe('Where mails link to; left out: publicUrl'),
  secret: z
    .string()
    .min(32)
    .optional()
    .describe(
      'Signs download addresses, seals stored secrets, and keeps passwords of keyed requests apart; needed in production, at least 32 characters; elsewhere one is kept beside the data',
    ),
  previousSecrets: z
    .array(z.string().min(32))
    .max(10)
    .default([])
    .describe('Values that secret had before: what they sealed is still read'),
  demo: z
    .boolean()
    .optional()
    .describe('Loads the demo data into an empty database; left out: in development only'),
  trustedProxies: z.int().min(0).max(10).default(0).describe('How many proxies in front set X-Forwarded-For'),
  origins: z
    .array(z.url({ protocol: /^https?$/ }))
    .default([])
    .describe('Origins of web pages that may call with CORS and cookies'),
  database: z
    .strictObject({
      url: z.string().default('sqlite:.data/plinth.db').describe('sqlite:PATH or postgres://...'),
      replicaUrl: z
        .url({ protocol: /^postgres(ql)?$/ })
        .optional()
        .describe('Replica of a Postgres database, for reads that may be seconds old; left out: none'),
      pool: z
        .strictObject({
          min: z.int().min(0).default(0).describe('Connections kept open'),
          max: z.int().min(1).default(10).describe('Most connections for writes'),
          readMax: z.int().min(1).default(10).describe('Most connections for reads'),
          acquireTimeoutMs: ms(5000).describe('How long a request waits for a connection before 503'),
          idleTimeoutMs: ms(30_000).describe('How long an unused connection is kept'),
        })
        .prefault({}),
      statementTimeoutMs: ms(10_000).describe(
        'Longest time of one statement; a server that is silent for this and pool.acquireTimeoutMs is taken for lost',
      ),
      slowQueryMs: ms(200).describe('Statements slower than this are logged'),
      synchronous: z
        .enum(['full', 'normal'])
        .default('full')
        .describe('SQLite: full survives power loss, normal is faster'),
    })
    .prefault({}),
  log: z
    .strictObject({
      level: level
        .default('info')
        .describe('Lowest level that is logged; can be changed while the server runs'),
      modules: z
        .record(z.string(), level)
        .default({})
        .describe('Levels of single modules, such as {"db":"debug"}'),
      queries: z.boolean().default(false).describe('Diagnostic mode: logs every statement with its time'),
    })
    .prefault({}),
  limits: z
    .record(z.string(), Rule)
    .default({})
    .transform((groups) => ({
      default: { perMinute: 600, burst: 300 },
      auth: { perMinute: 20, burst: 10 },
      otp: { perMinute: 10, burst: 5 },
      ...groups,
    }))
    .describe(
      'Request limits by group, per address and per user; auth is for signing in and the like, otp for one-time codes',
    ),
  redis: RedisSettings,
  cache: CacheSettings,
  limiter: LimiterSettings,
  strain: StrainSettings,
  bus: BusSettings,
  http: z
    .strictObject({
      maxBodyBytes: z
        .int()
        .min(1)
        .default(1024 * 1024)
        .describe('Largest body; more is answered 413'),
      maxInFlight: z
        .int()
        .min(1)
        .default(1000)
        .describe('Most requests at work at once; more are answered 503'),
      maxBatch: z.int().min(1).max(1000).default(50).describe('Most calls in one tRPC batch'),
      maxConnections: z
        .int()
        .min(1)
        .default(10_000)
        .describe('Most open connections; more are closed at once'),
      maxSubscriptions: z
        .int()
        .min(1)
        .default(10_000)
        .describe('Most subscriptions open at once; more are answered 503'),
      maxSocketSubscriptions: z
        .int()
        .min(1)
        .default(100)
        .describe('Most subscriptions open at once on one WebSocket; more are answered 429'),
      maxUnsentBytes: z
        .int()
        .min(1)
        .default(4 * 1024 * 1024)
        .describe('A WebSocket whose client leaves more than so much unread is closed'),
      headersMs: ms(10_000).describe('How long a client may take to send the headers of a request'),
      requestMs: ms(30_000).describe('How long a client may take to send a whole request'),
      shutdownMs: ms(10_000).describe(
        'How long a stopping server waits for requests at work; 10 s later the process ends, whatever is left',
      ),
      sendIdleMs: ms(30_000).describe('A client that takes nothing of its answer for so long is dropped'),
      slowAnswerMs: ms(500).describe('Answers slower than this are logged and counted'),
      compressBytes: z.int().min(0).default(1024).describe('Smallest body that is compressed'),
    })
    .prefault({}),
  guard: GuardSettings,
  files: FilesSettings,
  mail: MailSettings,
  sms: SmsSettings,
  outside: OutsideSettings,
  broker: BrokerSettings,
  webhooks: WebhookSettings,
  jobs: JobsSettings,
  retention: RetentionSettings,
  idempotencyMs: ms(24 * 3_600_000).describe('How long the answer to a keyed request is kept'),
  sessions: z
    .strictObject({
      store: z
        .enum(['database', 'redis'])
        .default('database')
        .describe('Where logins and their tokens are kept; what is only in Redis is lost with it'),
      redisUrl: z
        .url({ protocol: /^rediss?$/ })
        .optional()
        .describe('For redis: one of their own, which must not evict; left out: redis.url'),
      accessTokenMs: ms(15 * 60_000).describe('Life of an access token'),
      refreshTokenMs: ms(30 * 24 * 3_600_000).describe(
        'Life of a refresh token, and so of a login that is not used',
      ),
      absoluteMs: ms(90 * 24 * 3_600_000).describe(
        'After so long a login ends, however often it is refreshed',
      ),
      freshMs: ms(15 * 60_000).describe(
        'How long after a proof of who somebody is sensitive operations are open to them',
      ),
      maxPerUser: z
        .int()
        .min(1)
        .max(1000)
        .default(50)
        .describe('How many logins one account may have at once'),
      whenFull: z
        .enum(['end-oldest', 'refuse'])
        .default('end-oldest')
        .describe('What a login beyond maxPerUser does'),
      verificationMs: ms(24 * 3_600_000).describe('Life of the token in a verification mail'),
    })
    .prefault({}),
  lockout: LockoutSettings,
  social: SocialSettings,
  otp: OtpSettings,
  accounts: AccountSettings,
  passwords: PasswordSettings,
  secondFactors: SecondFactorSettings,
  passkeys: PasskeySettings,
  keys: KeySettings,
  alerts: AlertSettings,
  background: BackgroundSettings,
  passwordHash: z
    .strictObject({
      memoryCost: z.int().min(8).default(19_456).describe('Argon2id memory in KiB (OWASP: 19 MiB)'),
      timeCost: z.int().min(1).default(2).describe('Argon2id passes'),
      parallelism: z.int().min(1).default(1).describe('Argon2id lanes'),
    })
    .prefault({}),
  tracing: TracingSettings,
  metricsToken: z.string().min(16).optional().describe('When set, /metrics asks for it as a bearer token'),
})

export type Settings = z.output<typeof Settings>

/** Settings whose environment variable is a name that everybody knows. */
export const wellKnown: Readonly<Record<string, string>> = {
  port: 'PORT',
  host: 'HOST',
  env: 'NODE_ENV',
  'database.url': 'DATABASE_URL',
  'redis.url': 'REDIS_URL',
  'tracing.url': 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT',
  'tracing.service': 'OTEL_SERVICE_NAME',
  'tracing.ratio': 'OTEL_TRACES_SAMPLER_ARG',
}

/** Settings that a running server takes over when it reads its configuration again, which SIGHUP makes it do. */
export const reloadable: ReadonlySet<string> = new Set([
  'limits',
  'log.level',
  'log.modules',
  'alerts.backupAgeMs',
  'alerts.databaseBytes',
  'alerts.freeBytes',
  'alerts.connectionShare',
  'alerts.failuresPerMinute',
])

const publicUrlOf = ({ publicUrl, host, port }: Settings): string => publicUrl ?? `http://${host}:${port}`

/** Where the web application is that people use. */
export const webUrlOf = (settings: Settings): string => settings.webUrl ?? publicUrlOf(settings)

/** Whether clients reach a server of these settings over https. */
export const isSecure = ({ publicUrl }: Settings): boolean => publicUrl?.startsWith('https:') ?? false
