import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildServer } from './build-server.ts'
import { closingLine, merge, type Outcome, outcomeOf } from './tests/outcome.ts'
import { type Run, runs, vitestArguments } from './tests/plan.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))

const named = process.argv.slice(2)

const readReport = (path: string): unknown => {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch {
    // Vitest writes no report when it can't start; outcomeOf() says so in the closing lines.
    return undefined
  }
}

const runSuite = async (run: Run, folder: string): Promise<Outcome> => {
  const started = performance.now()
  const report = join(folder, `${run.engine}.json`)
  console.log(`\nTests on ${run.engine}`)
  const child = spawn(process.execPath, vitestArguments(report, named), {
    cwd: root,
    env: {
      ...process.env,
      DB: run.engine,
      // Who names files means them on each engine.
      ...(named.length === 0 && { TEST_TOGETHER: '1', TEST_LEFT_OUT: run.leftOut.join() }),
      SERVER_BUILD: build,
      // For the processes that tests start; what Vitest loads is another text of the same files.
      NODE_DISABLE_COMPILE_CACHE: '1',
      ...(process.env.CI && run.coverage && { COVERAGE: '1' }),
    },
    stdio: 'inherit',
  })
  const [code] = (await once(child, 'exit')) as [number | null]
  const outcome = outcomeOf(run.engine, readReport(report), code ?? 1)
  const seconds = ((performance.now() - started) / 1000).toFixed(1)
  console.log(`${run.engine}: ${closingLine(outcome)} in ${seconds} s`)
  return outcome
}

// For the tests that start a server: they wait a third of the time, and for what production runs.
const build = buildServer()
const folder = mkdtempSync(join(tmpdir(), 'plinth-tests-'))
const outcomes: Outcome[] = []
for (const run of runs) outcomes.push(await runSuite(run, folder))
rmSync(folder, { recursive: true })

const total = merge(outcomes)
for (const sentence of total.problems) console.log(sentence)
console.log(closingLine(total))
process.exitCode = total.failed === 0 ? 0 : 1
