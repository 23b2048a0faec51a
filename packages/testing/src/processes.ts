import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath, pathToFileURL } from 'node:url'

const source = new URL('./', import.meta.resolve('@plinth/api'))
const build = process.env.SERVER_BUILD

/** A script of the server: as it was built into the folder `SERVER_BUILD`, where that is set, else its source. */
const scriptOf = (name: 'main' | 'cli'): URL =>
  build ? pathToFileURL(`${build}/${name}.mjs`) : new URL(`${name}.ts`, source)

/** The server. */
export const MAIN = scriptOf('main')

/** The `plinth` command, for launchScript() and runScript(). */
export const CLI = scriptOf('cli')

/** A process that runs the server's own main module. */
export interface Launched extends AsyncDisposable {
  readonly child: ChildProcess
  /** All that it has written. */
  output(): string
  /** Sends a signal and waits for the end; answers the exit code, null when the signal itself ended it. */
  end(signal: NodeJS.Signals): Promise<number | null>
}

/** How a script ended, and all that it wrote. */
export interface Ended {
  readonly code: number | null
  readonly output: string
}

/** A server in a process of its own, which may be killed. */
export interface ServerProcess extends Launched {
  readonly url: string
  /** Milliseconds from the start of the process to its first answer. */
  readonly readyMs: number
}

const hasEnded = ({ exitCode, signalCode }: ChildProcess): boolean => exitCode !== null || signalCode !== null

type Environment = Readonly<Record<string, string>>

/** Starts the server's process, without waiting for anything. */
export const launchServer = (env: Environment): Launched => launchScript(MAIN, [], env)

/** Starts a script on this Node with its arguments, without waiting for anything. */
export const launchScript = (script: URL, args: readonly string[], env: Environment): Launched => {
  const { PATH, NODE_COMPILE_CACHE } = process.env
  const child = spawn(process.execPath, [fileURLToPath(script), ...args], {
    env: { PATH, NODE_COMPILE_CACHE, PORT: '0', PLINTH_LOG_LEVEL: 'warn', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk) => (text += String(chunk)))
  const end = async (signal: NodeJS.Signals): Promise<number | null> => {
    if (!hasEnded(child)) {
      const ended = once(child, 'exit')
      child.kill(signal)
      await ended
    }
    return child.exitCode
  }
  return {
    child,
    output: () => text,
    end,
    [Symbol.asyncDispose]: async () => {
      await end('SIGKILL')
    },
  }
}

interface ServerProcessOptions {
  /** Left out: the server's own main module. */
  readonly script?: URL
  /** What is asked of it first. */
  readonly probe?: string
}

/** Starts a server and waits for its first answer. Dispose of it with `await using`, which kills it. */
export const startServerProcess = async (
  env: Environment,
  { script = MAIN, probe = '/api/v1/products?limit=1' }: ServerProcessOptions = {},
): Promise<ServerProcess> => {
  const startedAt = performance.now()
  const launched = launchScript(script, [], env)
  const { child, output } = launched
  const told = /listens on (\S+)/
  while (!told.test(output())) {
    await Promise.race([once(child.stdout ?? child, 'data'), once(child, 'exit')])
    if (hasEnded(child)) throw new Error(`The server ended:\n${output()}`)
  }
  const url = told.exec(output())?.[1] ?? ''
  const answer = await fetch(url + probe)
  if (answer.status !== 200) throw new Error(`The first answer is ${answer.status}: ${await answer.text()}`)
  return { ...launched, url, readyMs: performance.now() - startedAt }
}

/** Runs a script to its end. */
export const runScript = async (script: URL, args: readonly string[], env: Environment): Promise<Ended> => {
  const { child, output } = launchScript(script, args, env)
  await once(child, 'close')
  return { code: child.exitCode, output: output() }
}
