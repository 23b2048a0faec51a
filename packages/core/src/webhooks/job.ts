import type { Job, NewJob } from '@plinth/kit'

/** The job that makes one attempt. */
export const DELIVER = 'deliver-webhook'

/** The job for one attempt; of the same attempt only one waits. */
export const deliverJob = (id: string, attempt: number, runAt?: Date): NewJob => ({
  name: DELIVER,
  payload: { id, attempt },
  key: `${id}.${attempt}`,
  ...(runAt && { runAt }),
})

/** What the job says. */
export const attemptOf = ({ payload }: Job): { id: string; attempt: number } => {
  if (
    typeof payload === 'object' &&
    payload !== null &&
    'id' in payload &&
    'attempt' in payload &&
    typeof payload.attempt === 'number'
  )
    return { id: String(payload.id), attempt: payload.attempt }
  throw new TypeError('the job names no delivery')
}
