import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const run = (source: string, ...args: string[]) => {
  const script = fileURLToPath(new URL('run.mjs', import.meta.url))
  const child = spawn(process.execPath, [script, '-e', source, '--', ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  child.stdout.setEncoding('utf8')
  return child
}

test('the arguments reach the script, on the pinned Node, and its exit code comes back', async () => {
  const child = run(
    'console.log(process.version, process.argv.slice(1).join()); process.exitCode = 7',
    'a',
    '--b',
  )
  const [printed] = (await once(child.stdout, 'data')) as [string]
  const [code] = (await once(child, 'close')) as [number]
  expect(printed).toMatch(/^v24\.\S+ a,--b\n$/)
  expect(code).toBe(7)
})

test.each(['SIGINT', 'SIGTERM'] as const)('%s reaches the script once and is waited for', async (signal) => {
  const child = run(`
    let count = 0
    process.on('${signal}', () => {
      count += 1
      // Another turn of the loop, in which a second signal would be counted too.
      setImmediate(() => process.exit(10 + count))
    })
    setInterval(() => {}, 1000)
    console.log('ready')
  `)
  await once(child.stdout, 'data')
  child.kill(signal)
  child.kill(signal)
  const [code] = (await once(child, 'close')) as [number]
  expect(code).toBe(11)
})

// What a process manager does with `npm start`: it knows npm's process alone.
test('SIGTERM to npm alone reaches the server, which ends', { timeout: 120_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-start-'))
  const root = fileURLToPath(new URL('../../', import.meta.url))
  const npm = spawn('npm', ['start'], {
    cwd: root,
    env: { ...process.env, NODE_ENV: 'test', PORT: '0', DATABASE_URL: `file:${join(folder, 'start.db')}` },
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true,
  })
  let output = ''
  npm.stdout.on('data', (chunk) => (output += String(chunk)))
  const told = /listens on (\S+)/
  while (!told.test(output)) {
    await Promise.race([once(npm.stdout, 'data'), once(npm, 'exit')])
    if (npm.exitCode !== null) throw new Error(`The start ended:\n${output}`)
  }
  const url = told.exec(output)?.[1] ?? ''
  expect((await fetch(`${url}/health`)).status).toBe(200)
  // Closes when the last process that writes to it has ended: the server.
  const silent = once(npm.stdout, 'close')
  npm.kill('SIGTERM')
  await silent
  await expect(fetch(`${url}/health`)).rejects.toThrow()
  await rm(folder, { recursive: true })
})
