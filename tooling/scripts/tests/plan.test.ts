import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { engineIndependent, engineIndependentFiles, runs } from './plan.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

test.each(engineIndependent)('%s is the folder of a package', (folder) => {
  expect(readdirSync(root + folder)).toContain('package.json')
})

// What opens a database or a server on the engine of the run.
const OF_ENGINE =
  /\b(testDatabase|testDatabaseUrl|testEngine|isServerEngine|testApp|testServer|startServerProcess)\b|env\.DB\b/

test.each(engineIndependentFiles)('%s asks for no engine of the run', (file) => {
  expect(readFileSync(root + file, 'utf8')).not.toMatch(OF_ENGINE)
})

test('both engines are covered and the first run leaves nothing out', () => {
  expect(runs.map(({ engine }) => engine)).toEqual(['sqlite', 'postgres'])
  expect(runs[0]?.leftOut).toEqual([])
})
