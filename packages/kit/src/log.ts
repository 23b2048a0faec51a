import { type DestinationStream, type Logger, type LoggerOptions, pino } from 'pino'

export type { Logger } from 'pino'

// Secrets by the names they go by, wherever they stand in what is logged, down to two levels.
const SECRETS = [
  'password',
  'currentPassword',
  'newPassword',
  'token',
  'accessToken',
  'refreshToken',
  'secret',
  'secondFactor',
  'recoveryCode',
  'recoveryCodes',
]
const HEADERS = ['authorization', 'cookie', '["set-cookie"]']

const redactPaths = SECRETS.flatMap((name) => [name, `*.${name}`, `*.*.${name}`]).concat(
  HEADERS.flatMap((name) => [`headers.${name}`.replace('.[', '['), `*.headers.${name}`.replace('.[', '[')]),
)

// Errors go by codes too, which are no secret: only what looks like a code that somebody was sent is masked.
const CODE = 'code'
const ONE_TIME_CODE = /^\d{6,10}$/
const codePaths = [CODE, `*.${CODE}`, `*.*.${CODE}`]
const MASK = '[masked]'

const censor = (value: unknown, path: readonly string[]): unknown =>
  path.at(-1) !== CODE || (typeof value === 'string' && ONE_TIME_CODE.test(value)) ? MASK : value

const ALL = 'all'

interface LogSettings {
  readonly level: string
  /** Levels of single modules, such as `{ db: 'debug' }`. */
  readonly modules: Readonly<Record<string, string>>
}

/** An error that was logged because nobody else could do anything about it, with what was known beside it. */
export interface LoggedError {
  readonly error: Error
  readonly message: string
  readonly context: Readonly<Record<string, unknown>>
}

/** A request with the status that it was answered with; no field holds a secret. */
interface Answered {
  readonly requestId: string
  /** Left out where it is not traced. */
  readonly traceId?: string | undefined
  readonly method: string
  readonly path: string
  readonly status: number
  readonly ms: number
  /** Bytes of the body that came in, as far as it was read. */
  readonly received: number
  /** Bytes of the body that went out, compressed where it was. */
  readonly sent: number
}

/** A logger whose levels, of all and of single modules, can be changed while the server runs. */
export interface Log {
  readonly root: Logger
  module(name: string): Logger
  /** Writes the line of a request that was answered, where the module `access` is at level info. */
  answered(request: Answered): void
  /** Sets the level of one module, or of `all`. */
  setLevel(level: string, module: string): void
  levels(): Readonly<Record<string, string>>
  /** Calls back for every error that is logged at level error or above. */
  onError(listener: (logged: LoggedError) => void): void
  /** Puts the id of the trace at work into every line but those of `access`. */
  traceBy(traceId: () => string | undefined): void
}

// Many lines are written within one millisecond: their moment is put into words once.
const isoTime = (() => {
  let at = 0
  let text = ''
  return (): string => {
    const now = Date.now()
    if (now !== at) {
      at = now
      text = `,"time":"${new Date(now).toISOString()}"`
    }
    return text
  }
})()

const ERROR_LEVEL = 50
const ACCESS = 'access'
const ANSWERED = `,"module":"${ACCESS}","requestId":`

/**
 * Writes the one line that is written for every request, in the same form as all others. Its fields are always these,
 * so that it is put together by hand: through the logger it took as long as reading a row of a table.
 */
const accessLine = (logger: Logger) => {
  const stream: unknown = Reflect.get(logger, pino.symbols.streamSym)
  const { write } = stream as DestinationStream
  return ({ requestId, traceId, method, path, status, ms, received, sent }: Answered): void => {
    if (!logger.isLevelEnabled('info')) return
    const id = JSON.stringify(requestId)
    const trace = traceId === undefined ? '' : `,"traceId":"${traceId}"`
    const where = JSON.stringify(path)
    const line = `{"level":"info"${isoTime()}${ANSWERED}${id}${trace},"method":"${method}","path":${where},"status":${status},"ms":${ms},"received":${received},"sent":${sent},"msg":"answered"}\n`
    write.call(stream, line)
  }
}

/** Who wants to know of lines, and what is added to them. */
interface Hooks {
  readonly listeners: ((logged: LoggedError) => void)[]
  traceId: (() => string | undefined) | undefined
}

/** The line with the trace that it belongs to, where one is at work. */
const withTrace = (args: unknown[], traceId: string | undefined): unknown[] => {
  if (traceId === undefined) return args
  const [fields, ...rest] = args
  if (fields instanceof Error) return args
  return typeof fields === 'object' ? [{ traceId, ...fields }, ...rest] : [{ traceId }, ...args]
}

/** Hands errors on to listeners as they are logged, and names the trace in the line; else it is written as ever. */
const lineHook = (hooks: Hooks): NonNullable<NonNullable<LoggerOptions['hooks']>['logMethod']> =>
  function logMethod(args, method, level) {
    const [fields, message] = args as unknown[]
    if (level >= ERROR_LEVEL && typeof fields === 'object' && fields !== null && 'err' in fields) {
      const { err, ...rest } = fields
      if (err instanceof Error)
        for (const listener of hooks.listeners)
          listener({ error: err, message: String(message), context: { ...this.bindings(), ...rest } })
    }
    method.apply(this, hooks.traceId ? (withTrace(args, hooks.traceId()) as typeof args) : args)
  }

/** Makes the log of one server: JSON lines with time, level, message and module; secrets are masked. */
export const createLog = (settings: LogSettings, destination?: DestinationStream): Log => {
  const bare: LoggerOptions = {
    level: settings.level,
    base: {},
    timestamp: isoTime,
    formatters: { level: (label) => ({ level: label }) },
  }
  const make = (options: LoggerOptions): Logger => (destination ? pino(options, destination) : pino(options))
  const own: Hooks = { listeners: [], traceId: undefined }
  const hooks = { logMethod: lineHook(own) }
  const root = make({ ...bare, hooks, redact: { paths: [...redactPaths, ...codePaths], censor } })
  const modules = new Map<string, Logger>()
  const childOf = (parent: Logger, name: string): Logger => {
    const child = parent.child({ module: name }, { level: settings.modules[name] ?? root.level })
    modules.set(name, child)
    return child
  }
  return {
    root,
    answered: accessLine(childOf(make(bare), ACCESS)),
    module: (name) => modules.get(name) ?? childOf(root, name),
    setLevel(level, module) {
      if (module !== ALL) {
        this.module(module).level = level
        return
      }
      root.level = level
      for (const child of modules.values()) child.level = level
    },
    onError(listener) {
      own.listeners.push(listener)
    },
    traceBy(traceId) {
      own.traceId = traceId
    },
    levels: () => ({
      [ALL]: root.level,
      ...Object.fromEntries([...modules].map(([name, child]) => [name, child.level])),
    }),
  }
}

// Just below what is written at once; and no line waits longer than people look away.
const BUFFER_BYTES = 16_000
const FLUSH_MS = 250

/**
 * Standard output, written in blocks: a line costs a server that answers thousands of requests a second more to write
 * than to make. Lines wait a quarter of a second at the most; `close` writes what is left.
 */
export const bufferedOutput = (): { destination: DestinationStream; close(): void } => {
  const destination = pino.destination({ sync: false, minLength: BUFFER_BYTES })
  const timer = setInterval(() => destination.flush(), FLUSH_MS).unref()
  return {
    destination,
    close() {
      clearInterval(timer)
      destination.flushSync()
    },
  }
}
