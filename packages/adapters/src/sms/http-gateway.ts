import { type Dependency, OutsideError, type SmsSender } from '@plinth/kit'
import { retryAfterMs } from '../webhooks/retry-after.ts'
import { asShortMessage } from './short-message.ts'

/** How short messages are handed to a gateway that takes JSON by POST. */
export interface SmsGatewaySettings {
  readonly url: string
  /** Sent as a bearer token. */
  readonly token: string
  /** Who sends: a number or a name that the gateway knows; left out: as the gateway is set up. */
  readonly from?: string | undefined
  /** What the gateway calls the fields of its body. */
  readonly fields: { readonly to: string; readonly text: string; readonly from: string }
  /** Fields that are the same for every message. */
  readonly extra: Readonly<Record<string, string>>
}

// What is wrong with this one message or number; any other 4xx is for the operator to mend, and no message is lost by it.
const OF_THE_MESSAGE = new Set([400, 413, 422])

/** What an answer that is not 2xx means. It is not read: a gateway may repeat the text, which holds a code. */
const failureOf = ({ status, headers }: Response): Error => {
  const cause = new Error(`the gateway answered ${status}`)
  if (OF_THE_MESSAGE.has(status)) return new OutsideError('sms', 'refused', { permanent: true, cause })
  const pause = retryAfterMs(headers.get('retry-after') ?? undefined)
  const wait = pause === null ? {} : { retryAfterMs: pause }
  return status === 429 ? new OutsideError('sms', 'refused', { ...wait, cause }) : cause
}

/**
 * Posts each message to a gateway, which answers 2xx when it has taken it over. A message is tried once: whether one was
 * taken over when the connection broke can't be known, so that is for the job to try again.
 */
export const createSmsGateway = (settings: SmsGatewaySettings, dependency: Dependency): SmsSender => {
  const { url, token, from, fields, extra } = settings
  return {
    async send(sms) {
      const { to, text } = asShortMessage(sms)
      const body = { ...extra, ...(from !== undefined && { [fields.from]: from }) }
      await dependency.call(async (signal, headers) => {
        const response = await fetch(url, {
          method: 'POST',
          headers: { ...headers, 'content-type': 'application/json', authorization: `Bearer ${token}` },
          body: JSON.stringify({ ...body, [fields.to]: to, [fields.text]: text }),
          redirect: 'error',
          signal,
        })
        await response.body?.cancel()
        if (!response.ok) throw failureOf(response)
      })
    },
  }
}
