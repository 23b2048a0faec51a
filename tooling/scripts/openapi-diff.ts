import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { classify } from './openapi/classify.ts'
import type { OpenApi } from './openapi/document.ts'
import { refusalOf, summaryOf, tableOf } from './openapi/report.ts'
import { baseCommit, git } from './release/base.ts'
import { announcesBreak, published, readChangesets } from './release/changesets.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const parse = (text: string) => JSON.parse(text) as OpenApi

const versionOf = (folder: string): string => {
  const manifest = join(root, folder, '../package.json')
  return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
}

const compare = (earlier: string, present: string): void => {
  const changes = classify(parse(earlier), parse(present))
  console.log(tableOf(changes))
  console.log(summaryOf(changes))
  const versions = Object.fromEntries(
    Object.entries(published).map(([name, folder]) => [name, versionOf(folder)]),
  )
  const refusal = refusalOf(changes, announcesBreak(readChangesets(root), versions))
  if (refusal === undefined) return
  console.log(refusal)
  process.exitCode = 1
}

const path = join(root, 'openapi.json')
const base = baseCommit(root)
const earlier = base === undefined ? undefined : git(root, 'show', `${base}:openapi.json`)

if (!existsSync(path)) {
  console.log('openapi.json is missing: npm run docs')
  process.exitCode = 1
} else if (earlier === undefined) {
  console.log('This is the first document: there is nothing to compare it with.')
} else {
  compare(earlier, readFileSync(path, 'utf8'))
}
