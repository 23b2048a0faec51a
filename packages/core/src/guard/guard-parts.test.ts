import { describe, expect, test } from 'vitest'
import { createRangeMap, networkKey, plainAddress, readRange } from './addresses.ts'
import { createCrawlers } from './crawlers.ts'
import { fingerprintOf } from './fingerprint.ts'
import { faded, scoreOf } from './ladder.ts'
import { isSecretName, maskBody } from './mask.ts'
import { safeRedirect } from './redirects.ts'

describe('ranges of addresses', () => {
  test.each([
    ['203.0.113.0/24', '203.0.113.255', true],
    ['203.0.113.0/24', '203.0.114.0', false],
    ['203.0.113.77/24', '203.0.113.1', true],
    ['0.0.0.0/0', '198.51.100.7', true],
    ['0.0.0.0/0', '::1', false],
    ['::/0', '2001:db8::1', true],
    ['203.0.113.7', '203.0.113.7', true],
    ['203.0.113.7', '203.0.113.8', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/33', '2001:db8:8000::', false],
    ['2001:db8::1', '2001:0db8:0:0:0:0:0:1', true],
    ['::ffff:203.0.113.0', '203.0.113.0', true],
    ['64:ff9b::192.0.2.0/120', '64:ff9b::c000:2ff', true],
    ['fe80::/10', 'fe80::1%eth0', true],
  ])('%s holds %s: %s', (range, address, holds) => {
    const map = createRangeMap<string>()
    expect(map.add(range, 'it')).toBe(true)
    expect(map.find(address)).toEqual(holds ? ['it'] : [])
  })
  test.each(['', 'x', '1.2.3', '1.2.3.4/33', '1.2.3.4/', '1.2.3.4/8/8', '::1/129', ':::', 'unknown'])(
    '%j is none',
    (text) => {
      expect(readRange(text)).toBeNull()
      expect(createRangeMap<string>().add(text, 'it')).toBe(false)
    },
  )
  test('an address finds all ranges that it lies in', () => {
    const map = createRangeMap<number>()
    for (const [at, range] of ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.0/24', '10.1.2.3', '10.1.2.3'].entries())
      map.add(range, at)
    expect(new Set(map.find('10.1.2.3'))).toEqual(new Set([0, 1, 2, 3, 4]))
    expect(new Set(map.find('10.1.9.9'))).toEqual(new Set([0, 1]))
    expect(map.size).toBe(5)
  })
  test('IPv4 in the clothes of IPv6 is IPv4', () => {
    expect(plainAddress('::ffff:203.0.113.7')).toBe('203.0.113.7')
    expect(networkKey('::FFFF:203.0.113.7')).toBe('203.0.113.7')
    expect(networkKey('2001:db8::7')).toBe('2001:db8:0:0::/64')
  })
})

describe('a fingerprint', () => {
  const headers = ['Host', 'a', 'User-Agent', 'curl/8', 'Accept', '*/*']
  const of = (raw: readonly string[] = headers, address = '203.0.113.7') => fingerprintOf(raw, address)
  test('stays while a client asks for other things, signs in, and moves within its network', () => {
    expect(of([...headers, 'Cookie', 'a=b', 'Authorization', 'Bearer x', 'Content-Length', '7'])).toBe(of())
    expect(of(['Host', 'b', ...headers.slice(2)])).toBe(of())
    expect(of(headers, '203.0.113.200')).toBe(of())
    expect(of(headers, '2001:db8:1:2::7')).toBe(of(headers, '2001:db8:1:2:3::8'))
  })
  test('is another for another client or network', () => {
    const others = [
      of(['Host', 'a', 'Accept', '*/*', 'User-Agent', 'curl/8']),
      of(['Host', 'a', 'User-Agent', 'curl/9', 'Accept', '*/*']),
      of(['Host', 'a', 'User-Agent', 'curl/8', 'Accept', 'text/html']),
      of(['host', 'a', 'user-agent', 'curl/8', 'accept', '*/*']),
      of(headers, '203.0.114.7'),
      of(),
    ]
    expect(new Set(others).size).toBe(others.length)
  })
})

describe('what is masked in a body', () => {
  test.each([
    'password',
    'newPassword',
    'access_token',
    'refreshToken',
    'client-secret',
    'OTP',
    'otpCode',
    'code',
    'couponCode',
    'pin',
    'cardNumber',
    'cvc',
    'apiKey',
    'Authorization',
    'iban',
    'accountNumber',
  ])('%s', (name) => {
    expect(isSecretName(name, new Set())).toBe(true)
    expect(maskBody(JSON.stringify({ a: 1, [name]: { deep: ['find me', 2] }, b: [true, null] }), 1000)).toBe(
      `{"a":1,"${name}":"[masked]","b":[true,null]}`,
    )
  })
  test.each(['email', 'name', 'description', 'quantity', 'pinned', 'keyboard', 'country', 'encoding'])(
    'not %s',
    (name) => {
      expect(isSecretName(name, new Set())).toBe(false)
    },
  )
  test('numbers of cards, whatever the field is called, and no other numbers', () => {
    expect(maskBody('{"note":"pay with 4111 1111 1111 1111 now","n":4242424242424242}', 1000)).toBe(
      '{"note":"pay with [masked] now","n":[masked]}',
    )
    expect(maskBody('{"id":4111111111111112}', 1000)).toBe('{"id":4111111111111112}')
  })
  test('a name that is written with escapes is read as it is meant', () => {
    expect(maskBody('{"p\\u0061ssword":"find me"}', 1000)).not.toContain('find me')
  })
  test('nothing is shown from where it is no JSON', () => {
    expect(maskBody('{"a":1 find "me"}', 1000)).toBe('{"a":1[not JSON]')
    expect(maskBody('find me', 1000)).toBe('[not JSON]')
  })
  test('a body of any size and depth takes no longer than its bound', () => {
    const deep = '['.repeat(500_000)
    const startedAt = performance.now()
    maskBody(deep, 2048)
    maskBody(`{"a":"${'\\'.repeat(1_000_001)}`, 2048)
    expect(performance.now() - startedAt).toBeLessThan(100)
  })
})

describe('a redirect leads to our own pages or to an allowed origin', () => {
  const allowed = ['https://app.example', 'http://localhost:5173/']
  test.each([
    ['/', '/'],
    ['/docs?a=b#c', '/docs?a=b#c'],
    ['https://app.example', 'https://app.example/'],
    ['https://app.example/a?b=c', 'https://app.example/a?b=c'],
    ['HTTPS://APP.example/a', 'https://app.example/a'],
    ['http://localhost:5173/x', 'http://localhost:5173/x'],
  ])('%s', (target, led) => {
    expect(safeRedirect(target, allowed)).toBe(led)
  })
  test.each([
    '',
    'docs',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    '/\t/evil.example',
    '\t//evil.example',
    '/%0d%0aset-cookie:a'.replace('%0d%0a', '\r\n'),
    '/.//evil.example',
    ' /docs',
    'https:evil.example',
    'https:/evil.example',
    'https://evil.example',
    'https://app.example.evil.example',
    'https://app.example@evil.example',
    'https://user@app.example/',
    'https://app.example:444/',
    'http://app.example/',
    'https://app.example\\@evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    'blob:https://app.example/1',
    'file:///etc/passwd',
    `/${'x'.repeat(2000)}`,
  ])('and not %j', (target) => {
    expect(safeRedirect(target, allowed)).toBeNull()
  })
})

test('points fade by half, and a score recovers with them', () => {
  expect(faded(40, 600_000, 600_000)).toBe(20)
  expect([scoreOf(0, 40), scoreOf(40, 40), scoreOf(80, 40)]).toEqual([100, 50, 25])
})

describe('a crawler is believed when the DNS says so both ways', () => {
  const GOOGLE = 'Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)'
  const none = () => Promise.reject(Object.assign(new Error('none'), { code: 'ENOTFOUND' }))
  const verdictOf = async (
    reverse: () => Promise<readonly string[]>,
    addresses: (name: string) => Promise<readonly string[]>,
    agent = GOOGLE,
  ) => {
    let now = 0
    let asked = 0
    const counted = () => {
      asked += 1
      return reverse()
    }
    const crawlers = createCrawlers({ reverse: counted, addresses }, () => now)
    const first = crawlers.verdict(agent, '66.249.66.1')
    await new Promise(setImmediate)
    const later = crawlers.verdict(agent, '66.249.66.1')
    now = 3 * 24 * 3_600_000
    crawlers.verdict(agent, '66.249.66.1')
    return { first, later, asked }
  }
  const name = async () => ['crawl-66-249-66-1.googlebot.com']
  test.each([
    ['verified', name, async () => ['66.249.66.1']],
    ['false', async () => ['crawl.googlebot.com.evil.example'], async () => ['66.249.66.1']],
    ['false', async () => ['evilgooglebot.com'], async () => ['66.249.66.1']],
    ['false', name, async () => ['198.51.100.7']],
    ['false', none, async () => []],
    ['unknown', () => Promise.reject(Object.assign(new Error('late'), { code: 'ETIMEOUT' })), async () => []],
  ] as const)('%s', async (verdict, reverse, addresses) => {
    expect(await verdictOf(reverse, addresses)).toEqual({ first: 'unknown', later: verdict, asked: 2 })
  })
  test('who says nothing of the kind is not asked about', async () => {
    expect(await verdictOf(name, async () => [], 'SomeBot/1')).toEqual({ first: null, later: null, asked: 0 })
  })
})
