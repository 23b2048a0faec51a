// node ci.ts [--no-tests] [name=log ...]: all checks, then the tests. Each name=log is a step that already failed.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { formatResult, type Result, runCommand, runSteps } from './ci/runner.ts'
import { speedGate, steps } from './ci/steps.ts'
import { closingLine, readClosingLine } from './tests/outcome.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const width = 2
const given = process.argv.slice(2)

const failedBefore = (argument: string): Result => {
  const [name = '', log = ''] = argument.split('=')
  return { name, ok: false, seconds: 0, output: readFileSync(log, 'utf8') }
}

const runTests = async (): Promise<{ passed: number; failed: number }> => {
  let output = ''
  const code = await runCommand([process.execPath, 'tooling/scripts/test.ts'], root, (text) => {
    output += text
    process.stdout.write(text)
  })
  const counts = readClosingLine(output) ?? { passed: 0, failed: 1 }
  return code === 0 ? counts : { ...counts, failed: Math.max(counts.failed, 1) }
}

process.env.CI = 'true'
process.env.NO_COLOR = '1'
process.env.REDOCLY_TELEMETRY = 'off'
const earlier = given.filter((argument) => argument.includes('=')).map(failedBefore)
const results = await runSteps(steps, width, root, (result) => console.log(formatResult(result)))
const counts = given.includes('--no-tests') ? { passed: 0, failed: 0 } : await runTests()

if (!given.includes('--no-tests'))
  results.push(...(await runSteps([speedGate], 1, root, (result) => console.log(formatResult(result)))))

const failures = [...earlier, ...results].filter(({ ok }) => !ok)
for (const { name, output } of failures) console.log(`\n--- ${name} failed\n${output.trimEnd()}`)
if (failures.length > 0) console.log(`\nFailed steps: ${failures.map(({ name }) => name).join(', ')}`)
const total = { passed: counts.passed, failed: counts.failed + failures.length }
if (!given.includes('--no-tests')) console.log(closingLine(total))
process.exitCode = total.failed === 0 ? 0 : 1
