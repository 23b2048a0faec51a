import { expect, test } from 'vitest'
import { type CpuProfile, lastSeconds, topFunctions, topParts } from './cpu-profile.ts'

const here = new URL('.', import.meta.url).href
const frame = (functionName: string, url: string, lineNumber: number) => {
  return { callFrame: { functionName, url, lineNumber } }
}

const profile: CpuProfile = {
  nodes: [
    { id: 1, ...frame('(idle)', '', -1) },
    { id: 2, ...frame('parse', 'file:///x/node_modules/.pnpm/zod@4/node_modules/zod/v4/core.js', 9) },
    { id: 3, ...frame('', `${here}works.ts`, 0) },
    { id: 4, ...frame('parse', 'file:///x/node_modules/.pnpm/zod@4/node_modules/zod/v4/core.js', 9) },
  ],
  samples: [2, 1, 3, 4, 2],
  timeDeltas: [4000, 9000, 1000, 2000, 1000],
}

test('own time is summed by function over all its callers, and idle time counts for nothing', () => {
  expect(topFunctions(profile, 9)).toEqual([
    { name: 'parse zod/v4/core.js:10', ms: 7, share: 0.875 },
    { name: '(anonymous) tooling/bench/src/works.ts:1', ms: 1, share: 0.125 },
  ])
})

test('own time is summed by package', () => {
  expect(topParts(profile, 1)).toEqual([{ name: 'zod', ms: 7, share: 0.875 }])
})

test('what came before the load is cut off', () => {
  expect(lastSeconds(profile, 0.003).samples).toEqual([4, 2])
})
