// node docs.ts [--check]: writes the generated documents, or fails when a committed one differs.
import { spawnSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const documents = ['openapi', 'schema', 'errors', 'permissions', 'configuration', 'metrics', 'repeats']

for (const document of documents) {
  const args = ['apps/api/src/cli.ts', document, ...process.argv.slice(2)]
  const { status } = spawnSync(process.execPath, args, { cwd: root, stdio: 'inherit' })
  if (status === 0) continue
  console.log(`plinth ${document} ended with ${status}; npm run docs writes all generated documents`)
  process.exitCode = 1
}
