import type { Vault } from '@plinth/kit'

/** Where a code goes: an email address in lower case, or a phone number. */
export interface Recipient {
  readonly channel: 'mail' | 'sms'
  readonly address: string
}

/** What a recipient is known by in the tables, which hold nobody's address who has no account. */
export const markOf = (vault: Vault, { channel, address }: Recipient): string =>
  vault.mark(address, `one-time codes by ${channel}`)
