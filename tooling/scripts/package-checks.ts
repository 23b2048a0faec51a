// Builds and packs what is published and holds the packed files to what Node and TypeScript resolve.
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { type Command, runCommand } from './ci/runner.ts'

const root = fileURLToPath(new URL('../../', import.meta.url))
const bin = (name: string) => join(root, 'node_modules/.bin', name)

const run = async (cwd: string, commands: readonly Command[]): Promise<boolean> => {
  for (const command of commands) {
    const code = await runCommand(command, cwd, (text) => process.stdout.write(text))
    if (code !== 0) return false
  }
  return true
}

const check = async (name: string): Promise<boolean> => {
  const folder = join(root, 'packages', name)
  const packed = mkdtempSync(join(tmpdir(), 'plinth-pack-'))
  try {
    const pack: Command = ['npx', '-y', 'pnpm@12', 'pack', '--pack-destination', packed]
    if (!(await run(folder, [pack]))) return false
    const tarball = join(packed, readdirSync(packed)[0] ?? '')
    return await run(folder, [
      [bin('publint'), tarball, '--strict'],
      [bin('attw'), tarball, '--profile', 'esm-only', '--no-emoji'],
    ])
  } finally {
    rmSync(packed, { recursive: true })
  }
}

const build: Command = ['npm', 'run', 'build']
const results = (await run(root, [build])) ? await Promise.all(['contract', 'sdk'].map(check)) : [false]
process.exitCode = results.every(Boolean) ? 0 : 1
