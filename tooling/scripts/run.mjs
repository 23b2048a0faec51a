// node run.mjs <script> [arguments]: installs when the lockfile changed, then runs the script on the pinned Node.
import { spawn } from 'node:child_process'
import { constants } from 'node:os'
import { install, nodeBinary, root } from './install.mjs'

const [script, ...args] = process.argv.slice(2)

// Half of a start is reading and compiling modules, whose text is mostly that of the last start.
const env = { NODE_COMPILE_CACHE: `${root}node_modules/.cache/node`, ...process.env }

const start = () => {
  const child = spawn(nodeBinary, [script, ...args], { stdio: 'inherit', env })
  const sent = new Set()
  const forward = (signal) => {
    // A terminal sends Ctrl-C to the whole process group: the child has it already.
    if (process.stdin.isTTY && signal !== 'SIGTERM') return
    // To end is told once; to read the configuration again, every time.
    if (sent.has(signal) && signal !== 'SIGHUP') return
    sent.add(signal)
    child.kill(signal)
  }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => forward(signal))
  // npm tells its shell alone to end, and a shell that did not become this process tells nobody.
  if (process.env.npm_lifecycle_event) {
    const parent = process.ppid
    const watch = setInterval(() => {
      if (process.ppid !== parent) forward('SIGTERM')
    }, 500)
    watch.unref()
  }
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
