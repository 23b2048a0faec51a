import { createHash } from 'node:crypto'
import { UnavailableError } from '@plinth/db'
import type { Logger } from '@plinth/kit'
import type { Redis, RedisOptions } from 'ioredis'

/** Where Redis is, what our keys begin with, and how long is waited for it. */
export interface RedisSettings {
  readonly url: string
  readonly keyPrefix: string
  readonly connectTimeoutMs: number
  readonly commandTimeoutMs: number
}

/** What a link has seen since it was made. */
interface RedisStats {
  readonly up: number
  readonly failures: number
  readonly losses: number
}

/** A script that Redis runs as one step. */
export interface RedisScript {
  readonly text: string
  readonly hash: string
}

/** One connection to Redis that several stores share. */
export interface RedisLink {
  /** The name of a key under our prefix. */
  key(...parts: readonly string[]): string
  /** Whether it answers now; while not, every call is refused at once. */
  isUp(): boolean
  /**
   * Runs one command or a few.
   * @throws {UnavailableError} at once while Redis is away, within the command timeout when it goes away.
   */
  run<R>(work: (redis: Redis) => Promise<R>): Promise<R>
  script(script: RedisScript, keys: readonly string[], args: readonly (string | number)[]): Promise<unknown>
  /** Calls back whenever the connection is up again. */
  onUp(listener: () => void): void
  /** A connection of its own for what it listens to, which is closed with the link. */
  listener(): Redis
  stats(): RedisStats
  /** Rejects while Redis does not answer. */
  check(): Promise<void>
  close(): Promise<void>
}

/** Names a script by its hash, so that it is sent once and asked for by that. */
export const redisScript = (text: string): RedisScript => ({
  text,
  hash: createHash('sha1').update(text).digest('hex'),
})

// So many commands without an answer in a row, and the connection is given up and made anew.
const FAILURES_IN_A_ROW = 3
const LONGEST_PAUSE_MS = 2000

const optionsOf = ({ connectTimeoutMs, commandTimeoutMs }: RedisSettings) =>
  ({
    connectTimeout: connectTimeoutMs,
    // Nothing waits for a connection, and nothing is sent twice: what can't be sent now is refused now.
    enableOfflineQueue: false,
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    // A server that took the connection and says nothing, not even whether it is ready.
    socketTimeout: 4 * commandTimeoutMs,
    retryStrategy: (tries) =>
      Math.min(50 * 2 ** Math.min(tries, 10), LONGEST_PAUSE_MS) * (0.5 + Math.random() / 2),
  }) satisfies RedisOptions

const isAnswer = (error: unknown): boolean => error instanceof Error && error.name === 'ReplyError'

const away = (cause?: unknown) => new UnavailableError('Redis is not available', { cause })

/** Tells of changes once, not of every try. */
const createTeller = (client: Redis, log: Logger) => {
  let up: boolean | undefined
  let reason: unknown
  let losses = 0
  let closing = false
  const closed = (): void => {
    if (up === false || closing) return
    if (up) losses += 1
    up = false
    log.warn({ err: reason }, 'Redis is away; it is tried again')
  }
  client.on('error', (error) => {
    reason = error
  })
  client.on('ready', () => {
    if (up === false) log.info('Redis is there again')
    up = true
  })
  client.on('close', closed)
  const close = (): void => {
    closing = true
  }
  return { losses: () => losses, close }
}

/** Runs commands while the connection is up, and gives it up after several that found no answer. */
const createRunner = (client: Redis) => {
  // A connection that is given up ends a little later.
  let givenUp = false
  let inARow = 0
  let failures = 0
  const isUp = (): boolean => client.status === 'ready' && !givenUp
  client.on('ready', () => {
    givenUp = false
    inARow = 0
  })
  const failed = (): void => {
    inARow += 1
    if (inARow < FAILURES_IN_A_ROW || !isUp()) return
    givenUp = true
    // What a command costs while Redis hangs is paid by these few: until it is ready again, all others are refused.
    client.disconnect(true)
  }
  return {
    isUp,
    failures: () => failures,
    async run<R>(work: (redis: Redis) => Promise<R>): Promise<R> {
      if (!isUp()) throw away()
      try {
        const result = await work(client)
        inARow = 0
        return result
      } catch (error) {
        failures += 1
        // An answer that says no is an answer.
        if (isAnswer(error)) throw error
        failed()
        throw away(error)
      }
    },
  }
}

/**
 * Opens the link to Redis. It does not wait for the connection and does not fail without one: the stores that share it
 * go on without Redis until it is there.
 */
export const createRedisLink = async (settings: RedisSettings, log: Logger): Promise<RedisLink> => {
  // Loaded on demand: a process without Redis does not pay for its driver.
  const { Redis: Client } = await import('ioredis')
  const options = optionsOf(settings)
  const client = new Client(settings.url, { ...options, commandTimeout: settings.commandTimeoutMs })
  const teller = createTeller(client, log)
  const { run, isUp, failures } = createRunner(client)
  const listeners: Redis[] = []
  const upListeners = new Set<() => void>()
  client.on('ready', () => {
    for (const tell of upListeners) tell()
  })

  const byHash = async (
    redis: Redis,
    { text, hash }: RedisScript,
    keys: readonly string[],
    args: readonly (string | number)[],
  ) => {
    try {
      return await redis.evalsha(hash, keys.length, ...keys, ...args)
    } catch (error) {
      if (!(error instanceof Error && error.message.startsWith('NOSCRIPT'))) throw error
      return redis.eval(text, keys.length, ...keys, ...args)
    }
  }

  return {
    key: (...parts) => settings.keyPrefix + parts.join(':'),
    isUp,
    run,
    script: (script, keys, args) => run((redis) => byHash(redis, script, keys, args)),
    onUp: (listener) => void upListeners.add(listener),
    listener() {
      const own = new Client(settings.url, options)
      // It says so by closing, and its owner watches for that.
      own.on('error', () => undefined)
      listeners.push(own)
      return own
    },
    stats: () => ({ up: isUp() ? 1 : 0, failures: failures(), losses: teller.losses() }),
    async check() {
      await run((redis) => redis.ping())
    },
    async close() {
      teller.close()
      for (const each of [client, ...listeners]) each.disconnect()
    },
  }
}
