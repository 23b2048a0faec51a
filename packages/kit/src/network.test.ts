import { expect, test } from 'vitest'
import { thingsServer } from '../test/server.ts'
import { networkOf } from './network.ts'

test.each([
  ['203.0.113.9', '203.0.113.9'],
  ['::ffff:203.0.113.9', '::ffff:203.0.113.9'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:0DB8:0001:0002::1', '2001:db8:1:2::/64'],
  ['2001:db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
  ['1:2:3:4:5:6:7::', '1:2:3:4::/64'],
  ['1:2:3:4:5:6:7:8::9', '1:2:3:4:5:6:7:8::9'],
  ['unknown', 'unknown'],
])('%s is counted as %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})

test('limits count all addresses of one network of IPv6 together', async () => {
  await using server = await thingsServer({
    PLINTH_TRUSTED_PROXIES: '1',
    PLINTH_LIMITS: JSON.stringify({ default: { perMinute: 1, burst: 0 } }),
  })
  const statusFrom = async (address: string) => {
    const headers = { 'x-forwarded-for': address }
    return (await fetch(`${server.url}/trpc/shop.things.list?input=%7B%7D`, { headers })).status
  }
  expect(await statusFrom('2001:db8:1:2::1')).toBe(200)
  expect(await statusFrom('2001:db8:1:2:ffff::7')).toBe(429)
  expect(await statusFrom('2001:db8:1:3::1')).toBe(200)
})
