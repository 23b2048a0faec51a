import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'

const MAIN = fileURLToPath(new URL('./main.ts', import.meta.url))
const run = promisify(execFile)

const FIGURES = ['rps', 'floorRps', 'ratio', 'p50', 'p95', 'p99', 'answers', 'errors', 'memoryMb']

test('a run measures real answers on both wires and writes one row for each', {
  timeout: 120_000,
}, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-bench-test-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  const file = join(folder, 'rows.json')
  const args = [MAIN, '--only', 'sqlite,list', '--seconds', '0.2', '--rounds', '1', '--json', file]
  const { stdout } = await run(process.execPath, args)
  expect(stdout).toMatch(/sqlite +trpc +list/)
  const rows = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>[]
  expect(rows).toMatchObject([
    { database: 'sqlite', wire: 'rest', work: 'list', errors: 0 },
    { database: 'sqlite', wire: 'trpc', work: 'list', errors: 0 },
  ])
  for (const row of rows) {
    expect(Object.keys(row)).toEqual(['database', 'wire', 'work', ...FIGURES])
    for (const name of FIGURES.filter((figure) => figure !== 'errors')) expect(row[name]).toBeGreaterThan(0)
  }
})

test('arguments that make no sense end it with the usage and without a measurement', async () => {
  const failed = run(process.execPath, [MAIN, '--only', 'mysql'])
  await expect(failed).rejects.toMatchObject({ code: 1, message: /no mysql[\s\S]*--quick/ })
})
