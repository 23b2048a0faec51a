import { z } from 'zod'

/** An ISO 4217 currency code. */
export const Currency = z
  .string()
  .regex(/^[A-Z]{3}$/, 'must be a currency code such as EUR')
  .describe('ISO 4217 currency code')

/** An amount in minor units (cents) that is not negative. */
export const MinorUnits = z.int().min(0).describe('Amount in minor units of the currency, such as cents')

/** An amount of money: whole minor units and a currency, never a fraction. */
export const Money = z.strictObject({ amount: MinorUnits, currency: Currency }).meta({ id: 'Money' })

export type Money = z.infer<typeof Money>
