import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'

const STOP_MS = 15_000
// Part of util-linux; elsewhere processes are not pinned.
const PINNED = 'taskset'

const interrupted = new AbortController()

/** Ends every process that was started here and starts no more: whoever waits for one gets a rejection. */
export const interrupt = (): void => interrupted.abort(new Error('interrupted'))

const allowedCores = (): number[] => {
  try {
    const [, list = ''] = /^Cpus_allowed_list:\s*(.+)$/m.exec(readFileSync('/proc/self/status', 'utf8')) ?? []
    return list.split(',').flatMap((range) => {
      const [first = 0, last = first] = range.split('-').map(Number)
      return Array.from({ length: last - first + 1 }, (_, at) => first + at)
    })
  } catch {
    // No /proc: a system without taskset too, so nothing is pinned.
    return []
  }
}

/** One core for the servers and another for the load; null where processes can't be pinned. */
export const findCores = (): { readonly server: number; readonly load: number } | null => {
  const [server, load] = allowedCores()
  if (server === undefined || load === undefined) return null
  return spawnSync(PINNED, ['--version']).status === 0 ? { server, load } : null
}

interface StartOptions {
  /** Core to stay on; left out: any. */
  readonly core: number | undefined
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string>>
  /** Whether it is talked to with messages. */
  readonly messages?: boolean
}

/** A Node process that was started here and ends with us. */
export interface Started extends AsyncDisposable {
  readonly child: ChildProcess
  readonly pid: number
  /** Rejects when it ends, with the last of what it wrote to its error output; never resolves. */
  readonly ended: Promise<never>
}

const MOST_TEXT = 4000

const keepErrors = (child: ChildProcess): (() => string) => {
  let text = ''
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-MOST_TEXT)
  })
  return () => text
}

const stop = async (child: ChildProcess): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const gone = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  child.kill('SIGTERM')
  const patience = new AbortController()
  const late = delay(STOP_MS, undefined, { signal: patience.signal }).then(
    () => void child.kill('SIGKILL'),
    () => undefined,
  )
  await gone
  patience.abort()
  await late
}

/** Starts Node with these arguments; what it writes to its output is thrown away. */
export const startNode = ({ core, args, env, messages = false }: StartOptions): Started => {
  const command = core === undefined ? process.execPath : PINNED
  const all = core === undefined ? [...args] : ['-c', String(core), process.execPath, ...args]
  const child = spawn(command, all, {
    env: { PATH: process.env.PATH, NODE_COMPILE_CACHE: process.env.NODE_COMPILE_CACHE, ...env },
    stdio: ['ignore', 'ignore', 'pipe', ...(messages ? (['ipc'] as const) : [])],
    signal: interrupted.signal,
  })
  const errors = keepErrors(child)
  const ended = new Promise<never>((_, reject) => {
    child.on('error', reject)
    child.once('exit', (code, signal) =>
      reject(new Error(`${args.at(-1)} ended (${signal ?? code})\n${errors()}`)),
    )
  })
  // Whoever waits for it gets the rejection; at a planned stop nobody does.
  ended.catch(() => undefined)
  // For an end that leaves no time to stop it in order.
  const kill = () => child.kill('SIGKILL')
  process.once('exit', kill)
  child.once('exit', () => process.removeListener('exit', kill))
  if (child.pid === undefined) throw new Error(`${command} could not be started`)
  return { child, pid: child.pid, ended, [Symbol.asyncDispose]: () => stop(child) }
}

// The unit of /proc/PID/stat, which has been the same on every Linux for decades.
const TICK_US = 10_000

/** Processor time that a process has taken, in microseconds; null where the system does not tell. */
export const processorUs = (pid: number): number | null => {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold blanks; user and system time are the 12th and 13th field after it.
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
    return (Number(fields[11]) + Number(fields[12])) * TICK_US
  } catch {
    // No /proc here: the column stays empty.
    return null
  }
}

/** Resident memory of a process in MiB. */
export const memoryMb = (pid: number): number => {
  const { stdout } = spawnSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })
  return Math.round(Number(stdout) / 1024)
}
