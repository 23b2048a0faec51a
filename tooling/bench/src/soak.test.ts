import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readOptions } from './options.ts'
import { faultsOf, soak } from './soak.ts'

const MOST_MB = 300

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plinth-soak-'))
})
afterAll(() => rm(folder, { recursive: true }))

test('a soak that went well has no faults, also when memory swings', () => {
  expect(faultsOf({ held: { early: 24, late: 25 }, highest: 190 }, 0)).toEqual([])
})

test('failed requests, memory that is held and never given back, and too much of it are faults', () => {
  expect(faultsOf({ held: { early: 24, late: 40 }, highest: 230 }, 3)).toEqual([
    '3 requests failed',
    'what is held grew from 24.0 to 40.0 MB',
    'memory reached 230 MB, 200 at the most',
  ])
})

test('a server under soak answers at the pace, and tells what it holds', async () => {
  const json = join(folder, 'soak.json')
  const options = readOptions(['--only', 'sqlite', '--soak', '1', '--json', json])
  // What a server may take is for the benchmark to hold, on a machine that does nothing else.
  await soak(options, 0.05, MOST_MB)
  const [row] = JSON.parse(await readFile(json, 'utf8')) as {
    answers: number
    errors: number
    memoryMb: number
  }[]
  expect(row).toMatchObject({ errors: 0, answers: 2250 })
  expect(row?.memoryMb).toBeGreaterThan(50)
}, 60_000)
