import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { testApp } from '@plinth/testing'
import { afterAll, beforeAll, expect, test } from 'vitest'

const run = promisify(execFile)
const root = fileURLToPath(new URL('../../../', import.meta.url))

/** The newest release before today; null while there is none, in a clone without tags, and in a plain copy. */
const lastRelease = async (): Promise<string | null> => {
  if (!existsSync(join(root, '.git'))) return null
  const list = ['tag', '--list', '@plinth/sdk@*', '--sort=-version:refname']
  const { stdout } = await run('git', list, { cwd: root })
  return stdout.split('\n')[0] || null
}

/** Links every package of a folder, but our own, which come from the release. */
const linkPackages = async (from: string, to: string): Promise<void> => {
  await mkdir(join(to, '@plinth'), { recursive: true })
  const names = await readdir(from)
  await Promise.all(
    names.filter((name) => name !== '@plinth').map((name) => symlink(join(from, name), join(to, name))),
  )
}

/** The client and the contract as they were released, with the dependencies of today. */
const checkOut = async (tag: string, folder: string): Promise<void> => {
  const archive = join(folder, 'release.tar')
  const paths = ['packages/sdk', 'packages/contract']
  await run('git', ['archive', '--output', archive, tag, ...paths], { cwd: root })
  await run('tar', ['-xf', archive, '-C', folder])
  for (const path of paths)
    await linkPackages(join(root, path, 'node_modules'), join(folder, path, 'node_modules'))
  const own = join(folder, 'packages/sdk/node_modules/@plinth/contract')
  await symlink(join(folder, 'packages/contract'), own)
}

let folder = ''
let trees: string[] = [root]

beforeAll(async () => {
  const tag = await lastRelease()
  if (tag === null) return
  folder = await mkdtemp(join(tmpdir(), 'plinth-release-'))
  await checkOut(tag, folder)
  trees = [root, folder]
})
afterAll(async () => {
  if (folder !== '') await rm(folder, { recursive: true })
})

test('what every release promised is answered by the server of today, to its client and to that of today', async () => {
  let runs = 0
  for (const tree of trees) {
    const releases = join(tree, 'packages/sdk/test/releases')
    for (const version of await readdir(releases)) {
      await using app = await testApp()
      const { email, password } = await app.as('admin')
      const program = join(releases, version, 'program.ts')
      const { stdout } = await run(process.execPath, [program, app.url, email, password])
      const expected = JSON.parse(await readFile(join(releases, version, 'expected.json'), 'utf8')) as object
      expect(JSON.parse(stdout), program).toEqual(expected)
      runs += 1
    }
  }
  expect(runs).toBeGreaterThanOrEqual(trees.length)
}, 60_000)
