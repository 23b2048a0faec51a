import { expect, test } from 'vitest'
import { titleCase } from './title-case.ts'

test.each([
  ['WHITE HANGING HEART T-LIGHT HOLDER', 'White Hanging Heart T-Light Holder'],
  ["SET OF 4  CHILDREN'S MUGS", "Set of 4 Children's Mugs"],
  ['BLUE CHECK BAG W HANDLE 34X20CM', 'Blue Check Bag W Handle 34X20CM'],
  ['NECKLACE+BRACELET PINK', 'Necklace+Bracelet Pink'],
  ['THE END', 'The End'],
  ['Dotcomgiftshop Gift Voucher £10.00', 'Dotcomgiftshop Gift Voucher £10.00'],
  ['', ''],
])('%j becomes %j', (capitals, title) => {
  expect(titleCase(capitals)).toBe(title)
})
