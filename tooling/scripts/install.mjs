// Plain JavaScript, because it runs on the machine's own Node before the pinned one is there.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

/** The folder of the repository, with a slash at its end. */
export const root = fileURLToPath(new URL('../../', import.meta.url))
/** The pinned Node itself rather than a script that starts it, so that signals reach it. */
export const nodeBinary = `${root}node_modules/node/bin/node`

const stamp = `${root}node_modules/.plinth-lock`
const command = ['npx', '-y', 'pnpm@12', 'install', '--frozen-lockfile']

const lockHash = () =>
  createHash('sha256')
    .update(readFileSync(`${root}pnpm-lock.yaml`))
    .digest('hex')

const isInstalled = (hash) =>
  existsSync(nodeBinary) && existsSync(stamp) && readFileSync(stamp, 'utf8') === hash

/** Installs what the lockfile names unless the last install already did; answers whether it is in place. */
export const install = () => {
  const hash = lockHash()
  if (isInstalled(hash)) return true
  process.stderr.write('Installing dependencies…\n')
  // CI keeps pnpm from asking before it replaces a node_modules folder that another version made.
  const env = { ...process.env, CI: 'true' }
  const done = spawnSync(command[0], command.slice(1), { cwd: root, env, encoding: 'utf8' })
  if (done.status === 0 && existsSync(nodeBinary)) {
    writeFileSync(stamp, hash)
    return true
  }
  const reason = done.error?.message ?? `exit ${done.status ?? done.signal}`
  process.stderr.write(`${done.stdout ?? ''}${done.stderr ?? ''}\n${command.join(' ')}: ${reason}\n`)
  return false
}
