import { spawn } from 'node:child_process'
import { once } from 'node:events'

/** A program and its arguments. */
export type Command = readonly [string, ...string[]]

/** A named check: its commands run one after the other until one fails. */
export type Step = { name: string; commands: readonly Command[] }

/** How a step ended, with everything that it printed. */
export type Result = { name: string; ok: boolean; seconds: number; output: string }

/** Runs one command and answers its exit code (127 when it can't be started) and output. */
export const runCommand = async (
  [program, ...args]: Command,
  cwd: string,
  onOutput: (text: string) => void,
): Promise<number> => {
  const child = spawn(program, args, { cwd, env: process.env, stdio: ['ignore', 'pipe', 'pipe'] })
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', onOutput)
  try {
    const [code] = (await once(child, 'close')) as [number | null]
    return code ?? 1
  } catch (error) {
    onOutput(`${program}: ${error instanceof Error ? error.message : String(error)}\n`)
    return 127
  }
}

/** Runs one step to its end, keeping its output. */
export const runStep = async ({ name, commands }: Step, cwd: string): Promise<Result> => {
  const started = performance.now()
  let output = ''
  let code = 0
  for (const command of commands) {
    code = await runCommand(command, cwd, (text) => {
      output += text
    })
    if (code !== 0) break
  }
  return { name, ok: code === 0, seconds: (performance.now() - started) / 1000, output }
}

/** Runs steps, `width` of them at a time, and reports each as it ends; a failed step stops no other. */
export const runSteps = async (
  steps: readonly Step[],
  width: number,
  cwd: string,
  onResult: (result: Result) => void,
): Promise<Result[]> => {
  const waiting = steps.values()
  const results: Result[] = []
  const work = async () => {
    for (const step of waiting) {
      const result = await runStep(step, cwd)
      results.push(result)
      onResult(result)
    }
  }
  await Promise.all(Array.from({ length: width }, work))
  return results
}

/** One line for a step's result: its mark, its seconds and its name. */
export const formatResult = ({ ok, seconds, name }: Result): string =>
  `${ok ? 'ok  ' : 'FAIL'} ${seconds.toFixed(1).padStart(6)} s  ${name}`
