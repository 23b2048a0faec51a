// node run.mjs <script> [arguments]: installs when the lockfile changed, then runs the script on the pinned Node.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { install, nodeBinary } from './install.mjs'

const [script, ...args] = process.argv.slice(2)

const start = () => {
  const child = spawn(nodeBinary, [script, ...args], { stdio: 'inherit' })
  const sent = new Set()
  const forward = (signal) => {
    // A terminal sends Ctrl-C to the whole process group: the child has it already.
    if (sent.has(signal) || (signal === 'SIGINT' && process.stdin.isTTY)) return
    sent.add(signal)
    child.kill(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => forward(signal))
  child.on('error', (error) => {
    process.stderr.write(`${nodeBinary}: ${error.message}\n`)
    process.exitCode = 1
  })
  child.on('exit', (code, signal) => {
    process.exitCode = code ?? 128 + constants.signals[signal]
  })
}

if (!install()) process.exitCode = 1
else if (script) start()
