import type { AlertChannel, AlertMessage, Alerts, Clock, Logger } from '@plinth/kit'

interface AlertsDeps {
  readonly clock: Clock
  readonly log: Logger
  /** Where alerts go besides the log; left out: nowhere. */
  readonly channel?: AlertChannel | undefined
}

interface Raised {
  summary: string
  told: boolean
}

const MOST_RAISED = 1000

/** Keeps which conditions hold in this process, logs their begin and end, and tells the channel of both. */
export const createAlerts = ({ clock, log, channel }: AlertsDeps): Alerts => {
  const raised = new Map<string, Raised>()

  const tell = async (message: AlertMessage): Promise<boolean> => {
    if (!channel) return true
    try {
      await channel(message)
      return true
    } catch (error) {
      log.warn({ err: error, condition: message.condition }, 'an alert could not be sent; it is tried again')
      return false
    }
  }
  const at = () => clock.now().toISOString()

  return {
    async raise(condition, summary) {
      const known = raised.get(condition)
      if (!known && raised.size >= MOST_RAISED) return
      const entry = known ?? { summary, told: false }
      entry.summary = summary
      if (!known) {
        raised.set(condition, entry)
        log.warn({ condition, summary }, 'alert raised')
      }
      if (!entry.told) entry.told = await tell({ state: 'raised', condition, summary, at: at() })
    },
    async clear(condition) {
      const entry = raised.get(condition)
      if (!entry) return
      // What nobody was told of need not be taken back.
      const { summary } = entry
      const done = !entry.told || (await tell({ state: 'cleared', condition, summary, at: at() }))
      if (!done) return
      raised.delete(condition)
      log.info({ condition }, 'alert cleared')
    },
    raised: () => new Map([...raised].map(([condition, { summary }]) => [condition, summary])),
  }
}
