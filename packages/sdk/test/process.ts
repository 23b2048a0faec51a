// node process.ts [expired tokens]: serves the test contract on PORT until it is killed.
import { flushCompileCache } from 'node:module'
import { compose, readConfig, startServer } from '@plinth/api'
import { testSurface } from './surface.ts'

const settings = readConfig(process.env)
const surface = testSurface(process.argv.slice(2))
const server = await startServer(await compose(settings, surface), settings, { background: false })
process.stdout.write(`${server.url}\n`)
// It is killed, and to be started again sooner.
flushCompileCache()
