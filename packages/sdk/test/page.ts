// What a page does with the SDK: bundled for a browser, and called by browser.test.ts.
import { createClientOf, download, isCallError, type Progress, upload } from '../src/index.ts'
import { signWebhook, verifyWebhook } from '../src/webhooks.ts'
import type { TestRouter } from './contract.ts'

const clientOf = (url: string, subscriptions: 'events' | 'websocket' = 'events') =>
  createClientOf<TestRouter>({
    url,
    subscriptions,
    tokens: { accessToken: 'ada', refreshToken: 'ada' },
    reconnect: { baseMs: 20, maxMs: 100 },
    retry: { baseMs: 1 },
  })

const failureOf = async (call: Promise<unknown>) => {
  const error: unknown = await call.catch((failure: unknown) => failure)
  if (!isCallError(error)) return null
  const { reason, status, requestId } = error
  return { reason, status, requestId }
}

/** What a test calls in the page. */
export const scenarios = {
  /** The values that came until now, and how the subscription ended. */
  seen: [] as number[],
  ended: '',

  follow(url: string, subscriptions: 'events' | 'websocket', to: number): void {
    scenarios.seen = []
    scenarios.ended = ''
    clientOf(url, subscriptions).test.values.mine.subscribe(
      { to, everyMs: 25 },
      {
        onData: ({ data }) => void scenarios.seen.push(data.value),
        onError(error) {
          scenarios.ended = error.message
        },
        onComplete() {
          scenarios.ended = 'complete'
        },
      },
    )
  },

  async send(url: string, size: number) {
    const steps: Progress[] = []
    const file = new File([new Uint8Array(size).fill(1)], 'ones.bin', { type: 'application/x-plinth' })
    const onProgress = (step: Progress) => void steps.push(step)
    const { measure } = clientOf(url).test.files
    const answer = await upload(measure, { file, name: 'from a page' }, { onProgress })
    const stop = new AbortController()
    stop.abort()
    const aborted = await failureOf(upload(measure, { file, name: 'x' }, { onProgress, signal: stop.signal }))
    const midway = new AbortController()
    const cut = () => midway.abort()
    const cutOff = await failureOf(
      upload(measure, { file, name: 'x' }, { onProgress: cut, signal: midway.signal }),
    )
    return { answer, last: steps.at(-1), aborted: aborted?.reason, cutOff: cutOff?.reason }
  },

  async fetch(url: string) {
    const { report } = clientOf(url).test.files
    const steps: Progress[] = []
    const onProgress = (step: Progress) => void steps.push(step)
    const file = await download(report, { title: 'Größe', chunks: 3, everyMs: 0 }, { onProgress })
    const { filename, contentType } = file
    return { filename, contentType, bytes: (await file.blob()).size, loaded: steps.at(-1)?.loaded }
  },

  /** A call that is answered, and one to an address at which nobody is. */
  async call(url: string, nowhere: string) {
    const { added } = clientOf(url).test.values
    const { calls } = await added.query()
    const lost = await failureOf(clientOf(nowhere).test.values.added.query())
    return { calls, lost }
  },

  async webhook(secret: string) {
    const headers = await signWebhook('{"a":1}', secret)
    return (await verifyWebhook('{"a":1}', headers, secret)).payload
  },
}

Object.assign(globalThis, { scenarios })
