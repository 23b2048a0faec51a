import { lookup } from 'node:dns/promises'
import { Agent as HttpAgent, request as httpRequest, type IncomingMessage } from 'node:http'
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https'
import type { WebhookOutcome, WebhookRequest, WebhookSender } from '@plinth/kit'
import { createGuard, type Resolve, type WebhookTargets } from './guard.ts'
import { retryAfterMs } from './retry-after.ts'

/** How webhooks are sent. */
export interface WebhookSenderSettings extends WebhookTargets {
  /** The longest that one attempt may take, from the name to the end of the answer. */
  readonly timeoutMs: number
  /** Certificates to trust in the place of the usual ones, as PEM. */
  readonly ca?: string | undefined
}

const ANSWER_BYTES = 1000
// Once there is a status, the rest of the answer is only worth a moment.
const REST_MS = 1000

const dnsLookup: Resolve = (hostname) => lookup(hostname, { all: true })

const textOf = (chunks: readonly Buffer[]): string =>
  Buffer.concat(chunks).subarray(0, ANSWER_BYTES).toString('utf8').replaceAll('\0', '').toWellFormed()

/** How an answer begins; it is left when that is known, when it ends, breaks off, or takes too long. */
const beginningOf = async (answer: IncomingMessage): Promise<string> => {
  const chunks: Buffer[] = []
  let bytes = 0
  const timer = setTimeout(() => answer.destroy(), REST_MS)
  try {
    for await (const chunk of answer as AsyncIterable<Buffer>) {
      chunks.push(chunk)
      bytes += chunk.length
      if (bytes >= ANSWER_BYTES) break
    }
  } catch {
    // The status has been given: how the rest ends changes nothing.
  } finally {
    clearTimeout(timer)
    answer.destroy()
  }
  return textOf(chunks)
}

/** Sends webhooks, each over a connection of its own; redirects are answers like any other. */
export const createWebhookSender = (
  settings: WebhookSenderSettings,
  resolve: Resolve = dnsLookup,
): WebhookSender => {
  const guard = createGuard(settings, resolve)
  const { timeoutMs, ca } = settings

  const answerTo = ({ url, headers, body }: WebhookRequest, signal: AbortSignal) => {
    const { protocol } = new URL(url)
    const options = {
      method: 'POST',
      headers: { ...headers, 'content-length': Buffer.byteLength(body) },
      lookup: guard.lookup(protocol),
      signal,
      ...(ca !== undefined && { ca }),
    }
    const { promise, resolve: answered, reject } = Promise.withResolvers<IncomingMessage>()
    const outgoing =
      protocol === 'https:'
        ? httpsRequest(url, { ...options, agent: new HttpsAgent({ keepAlive: false }) })
        : httpRequest(url, { ...options, agent: new HttpAgent({ keepAlive: false }) })
    outgoing.on('error', reject).on('response', answered).end(body)
    return { promise, close: () => outgoing.destroy() }
  }

  const attempt = async (request: WebhookRequest, signal: AbortSignal) => {
    const refusal = guard.refusal(request.url)
    if (refusal !== null) throw new Error(`the address ${refusal}`)
    const { promise, close } = answerTo(request, signal)
    try {
      const answer = await promise
      const { statusCode = 0, headers } = answer
      return {
        status: statusCode,
        error: null,
        retryAfterMs: retryAfterMs(headers['retry-after']),
        answer: await beginningOf(answer),
      }
    } finally {
      close()
    }
  }

  return {
    refusal: guard.refusal,
    async send(request, signal): Promise<WebhookOutcome> {
      const startedAt = performance.now()
      const took = () => Math.round(performance.now() - startedAt)
      const deadline = AbortSignal.timeout(timeoutMs)
      try {
        return { ...(await attempt(request, AbortSignal.any([signal, deadline]))), durationMs: took() }
      } catch (error) {
        const late = `no answer within ${timeoutMs} ms`
        const said = error instanceof Error ? error.message : String(error)
        const what = deadline.aborted ? late : said.slice(0, 500).replaceAll('\0', '').toWellFormed()
        return { status: null, error: what, durationMs: took(), answer: null, retryAfterMs: null }
      }
    },
  }
}
