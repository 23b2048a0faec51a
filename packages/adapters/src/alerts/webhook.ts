import type { AlertChannel } from '@plinth/kit'

/** Posts each alert as JSON to an address that answers 2xx when it has taken it over. */
export const createAlertWebhook =
  (url: string, timeoutMs: number): AlertChannel =>
  async (message) => {
    const response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify(message),
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    })
    await response.body?.cancel()
    if (!response.ok) throw new Error(`the receiver of alerts answered ${response.status}`)
  }
