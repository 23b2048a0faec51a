import { readFileSync } from 'node:fs'
import { createWebhookSender } from '@plinth/adapters'
import type { WebhookSender } from '@plinth/kit'
import type { Settings } from '../settings.ts'

/** What posts to the receivers of webhooks, and to nobody inside. */
export const webhooksPart = ({ webhooks }: Settings): WebhookSender => {
  const { caFile, timeoutMs, http, allowedNetworks, lowPorts } = webhooks
  const ca = caFile === undefined ? undefined : readFileSync(caFile, 'utf8')
  return createWebhookSender({ timeoutMs, http, allowedNetworks, lowPorts, ca })
}
