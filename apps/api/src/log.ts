import { bufferedOutput, createLog, type Log } from '@plinth/kit'
import type { Settings } from './settings.ts'

/** The log of a process: in production lines are written in blocks, otherwise one by one. */
export const logFor = ({ env, log }: Settings): Log => {
  if (env !== 'production') return createLog(log)
  const output = bufferedOutput()
  // However the process ends, what was logged before it is written.
  process.on('exit', output.close)
  return createLog(log, output.destination)
}
