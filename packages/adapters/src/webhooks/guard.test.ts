import { describe, expect, test } from 'vitest'
import { isPublicAddress } from './addresses.ts'
import { createGuard, type Resolve, type WebhookTargets } from './guard.ts'

const STRICT: WebhookTargets = { allowedNetworks: [], http: false, lowPorts: [80, 443] }
const nobody: Resolve = async () => []
const strict = createGuard(STRICT, nobody)

const INSIDE = [
  // Every spelling of loopback that the parser of addresses knows.
  '127.0.0.1',
  '127.1',
  '127.0.1',
  '2130706433',
  '0x7f000001',
  '0x7f.1',
  '017700000001',
  '0177.0.0.01',
  '127.0.0.1.',
  '%31%32%37.0.0.1',
  '①②⑦.0.0.1',
  '１２７。０。０。１',
  '0',
  '0.0.0.0',
  '127.255.255.254',
  // Private, shared, link-local, metadata of clouds.
  '10.0.0.1',
  '172.16.0.1',
  '172.31.255.255',
  '192.168.1.1',
  '100.64.0.1',
  '100.100.100.200',
  '169.254.169.254',
  '0xa9fea9fe',
  '2852039166',
  '168.63.129.16',
  '192.0.0.192',
  // For documentation, measurements, relays, many, nobody.
  '192.0.2.1',
  '198.51.100.1',
  '203.0.113.1',
  '198.18.0.1',
  '192.88.99.1',
  '224.0.0.1',
  '239.255.255.250',
  '240.0.0.1',
  '255.255.255.255',
  // IPv6, and IPv4 within it.
  '[::]',
  '[::1]',
  '[0:0:0:0:0:0:0:1]',
  '[::127.0.0.1]',
  '[::ffff:127.0.0.1]',
  '[::ffff:7f00:1]',
  '[::ffff:a9fe:a9fe]',
  '[::ffff:0:127.0.0.1]',
  '[::ffff:8.8.8.8]',
  '[64:ff9b::7f00:1]',
  '[64:ff9b::8.8.8.8]',
  '[64:ff9b:1::1]',
  '[2002:7f00:1::]',
  '[2002:a9fe:a9fe::1]',
  '[2001::1]',
  '[2001:0:4136:e378:8000:63bf:3fff:fdd2]',
  '[2001:10::1]',
  '[2001:20::1]',
  '[2001:db8::1]',
  '[3fff::1]',
  '[100::1]',
  '[fc00::1]',
  '[fd00:ec2::254]',
  '[fe80::1]',
  '[fec0::1]',
  '[ff02::1]',
  '[5f00::1]',
]

describe('an address inside is refused as it is written', () => {
  test.each(INSIDE)('%s', (host) => {
    expect(strict.refusal(`https://${host}/hooks`)).toBe('leads to an address that is not public')
    expect(strict.refusal(`https://${host}:8443/hooks`)).not.toBeNull()
  })
})

test.each([
  ['https://receiver.example/hooks', null],
  ['https://receiver.example:8443/hooks?a=b', null],
  ['https://8.8.8.8/', null],
  ['https://[2606:4700:4700::1111]/', null],
  ['http://receiver.example/', 'must be https'],
  ['http://8.8.8.8/', 'must be https'],
  ['ftp://receiver.example/', 'must be https'],
  ['file:///etc/passwd', 'must be https'],
  ['gopher://127.0.0.1:6379/_', 'must be https'],
  ['javascript:alert(1)', 'must be https'],
  ['https://user@receiver.example/', 'must not hold a user or password'],
  ['https://:password@receiver.example/', 'must not hold a user or password'],
  ['https://8.8.8.8@127.0.0.1/', 'must not hold a user or password'],
  ['https://127.0.0.1#@8.8.8.8/', 'leads to an address that is not public'],
  ['https://127.0.0.1\\@8.8.8.8/', 'leads to an address that is not public'],
  ['https://receiver.example:22/', 'must not name the port 22'],
  ['https://receiver.example:25/', 'must not name the port 25'],
  ['https://receiver.example:1023/', 'must not name the port 1023'],
  ['https://receiver.example:0/', 'must not name the port 0'],
  ['https://receiver.example:80/', null],
  ['https://[::1%25eth0]/', 'must be a web address'],
  ['https://1.2.3.4.5.6:99999/', 'must be a web address'],
  ['not an address', 'must be a web address'],
  ['', 'must be a web address'],
])('%s: %s', (url, expected) => {
  expect(strict.refusal(url)).toBe(expected)
})

test('a network may be allowed, and there http may be used', () => {
  const targets = { allowedNetworks: ['127.0.0.0/8', 'fd00::/8'], http: true, lowPorts: [443] }
  const guard = createGuard(targets, nobody)
  for (const url of ['https://127.0.0.1/', 'http://127.0.0.1:8080/', 'http://[fd00::1]:8080/'])
    expect(guard.refusal(url)).toBeNull()
  expect(guard.refusal('http://8.8.8.8:8080/')).toBe('must be https')
  for (const url of ['https://10.0.0.1/', 'https://[::1]/'])
    expect(guard.refusal(url)).toBe('leads to an address that is not public')
  const httpsOnly = createGuard({ ...targets, http: false }, nobody)
  expect(httpsOnly.refusal('http://127.0.0.1:8080/')).toBe('must be https')
})

test('what is no address is not public', () => {
  for (const text of ['', 'localhost', '1.2.3', 'fe80::1%eth0', '::ffff:999.1.1.1'])
    expect(isPublicAddress(text)).toBe(false)
})

const lookedUp = (resolve: Resolve, protocol = 'https:', all = false) =>
  new Promise<unknown>((found) => {
    const lookup = createGuard(STRICT, resolve).lookup(protocol)
    lookup('receiver.example', { all }, (error, address, family) =>
      found(error ? error.message : [address, family]),
    )
  })

test('a name is judged by what it stands for, all of it, when it is connected to', async () => {
  const open = { address: '8.8.8.8', family: 4 }
  expect(await lookedUp(async () => [open])).toEqual(['8.8.8.8', 4])
  expect(await lookedUp(async () => [open], 'https:', true)).toEqual([[open], undefined])
  for (const address of [
    '127.0.0.1',
    '169.254.169.254',
    '::1',
    '::ffff:127.0.0.1',
    '64:ff9b::a9fe:a9fe',
    'fe80::1',
  ])
    for (const found of [[{ address, family: 4 }], [open, { address, family: 6 }]])
      expect(await lookedUp(async () => found)).toBe(
        'receiver.example leads to an address that is not public',
      )
  expect(await lookedUp(async () => [open], 'http:')).toBe('receiver.example must be https')
  expect(await lookedUp(nobody)).toBe('receiver.example has no address')
  expect(await lookedUp(() => Promise.reject(new Error('no such name')))).toBe('no such name')
})
