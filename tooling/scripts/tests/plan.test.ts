import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { engineIndependent, projectNames, runs } from './plan.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))

test('every engine-independent project is the folder of a package', () => {
  expect(projectNames(root)).toEqual(expect.arrayContaining([...engineIndependent]))
})

test('both engines are covered and the first run leaves nothing out', () => {
  expect(runs.map(({ engine }) => engine)).toEqual(['sqlite', 'postgres'])
  expect(runs[0]?.leftOut).toEqual([])
})
