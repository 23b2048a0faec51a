import { z } from 'zod'

/** An address of IPv4 or IPv6. */
export const Address = z
  .union([z.ipv4(), z.ipv6()], 'must be an address such as 203.0.113.7 or 2001:db8::7')
  .describe('Address of IPv4 or IPv6')

const Range = z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6()])

/** An address, or a range of them such as `203.0.113.0/24`. */
export const AddressRange = z
  .string()
  .max(49)
  .refine(
    (text) => Range.safeParse(text).success,
    'must be an address or a range such as 203.0.113.0/24 or 2001:db8::/32',
  )
  .describe('Address or range, such as 203.0.113.0/24')
