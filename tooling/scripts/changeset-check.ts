import { fileURLToPath } from 'node:url'
import { baseCommit, changedPaths } from './release/base.ts'
import { missingChangesets, readChangesets } from './release/changesets.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const base = baseCommit(root)
const missing = base === undefined ? [] : missingChangesets(changedPaths(root, base), readChangesets(root))

if (base === undefined) console.log('There is no earlier commit: nothing to announce.')
for (const name of missing) {
  console.log(`${name} changed since ${base?.slice(0, 9)} and no changeset names it: npm run changeset`)
}
process.exitCode = missing.length === 0 ? 0 : 1
