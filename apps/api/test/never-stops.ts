// A process with a part that never comes to its end when it is told to stop.
import { readConfig } from '../src/config.ts'
import { logFor } from '../src/log.ts'
import { obeySignals } from '../src/signals.ts'

const never = () => new Promise<void>(() => undefined)
obeySignals({ stop: never, reload: () => undefined, patienceMs: 50 }, logFor(readConfig({})))
setInterval(() => undefined, 1000)
process.stdout.write('It runs\n')
