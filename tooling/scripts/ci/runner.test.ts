import { tmpdir } from 'node:os'
import { expect, test } from 'vitest'
import { formatResult, type Result, runStep, runSteps, type Step } from './runner.ts'

const node = (source: string) => [process.execPath, '-e', source] as const
const step = (name: string, ...sources: string[]): Step => ({ name, commands: sources.map(node) })

test('a step ends at its first failing command and keeps what was printed', async () => {
  const result = await runStep(
    step('a', 'console.log(1)', 'console.error(2); process.exit(3)', 'console.log(4)'),
    tmpdir(),
  )
  expect(result).toMatchObject({ ok: false, output: '1\n2\n' })
  expect(formatResult({ ...result, seconds: 1.26 })).toBe('FAIL    1.3 s  a')
})

test('a program that is missing fails its step', async () => {
  const result = await runStep({ name: 'a', commands: [['./no-such-program']] }, tmpdir())
  expect(result).toMatchObject({ ok: false })
  expect(result.output).toContain('no-such-program')
})

test('a failed step stops no other and each is reported once', async () => {
  const reported: Result[] = []
  const all = [step('a', 'process.exit(1)'), step('b', ''), step('c', '')]
  const results = await runSteps(all, 2, tmpdir(), (result) => reported.push(result))
  expect(reported).toEqual(results)
  expect(results.map(({ name, ok }) => `${name} ${ok}`).toSorted()).toEqual(['a false', 'b true', 'c true'])
})
