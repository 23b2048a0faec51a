import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { testNameServer } from '@plinth/testing/outside'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { mmdbOf } from '../../test/mmdb.ts'
import { testOutside } from '../../test/outside.ts'
import { createFileCountries, createLiteCountries } from './countries.ts'
import { createNameLookup } from './names.ts'
import { createTextThreatList } from './threat-list.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plinth-defence-'))
})
afterAll(() => rm(folder, { recursive: true }))

const PRIVATE = [
  '10.0.0.1',
  '127.0.0.1',
  '192.168.1.1',
  '172.16.0.1',
  '100.64.0.1',
  '::1',
  'fe80::1',
  'fd00::1',
  '203.0.113.7',
  'none',
  '',
]
const UNKNOWN = { country: 'unknown', region: 'unknown' }

describe('countries of the database that comes with us', () => {
  const countries = createLiteCountries()
  // Universities and registries, which stay where they are.
  test.each([
    ['193.0.6.139', 'NL'],
    ['129.132.1.1', 'CH'],
    ['131.111.8.42', 'GB'],
    ['130.237.28.40', 'SE'],
    ['147.32.1.20', 'CZ'],
    ['133.11.0.1', 'JP'],
    ['143.248.1.177', 'KR'],
    ['130.216.1.1', 'NZ'],
    ['150.203.1.1', 'AU'],
    ['200.160.2.3', 'BR'],
    ['196.216.2.1', 'MU'],
    ['18.9.22.169', 'US'],
    ['128.100.1.1', 'CA'],
  ])('%s is in %s', async (address, country) => {
    expect(await countries.find(address)).toEqual({ country, region: 'unknown' })
  })
  test.each([...PRIVATE, '2a01:e0c:1::1'])('%j is unknown', async (address) => {
    expect(await countries.find(address)).toEqual(UNKNOWN)
  })
})

describe('countries of a file of one’s own', () => {
  const written = async (version: 4 | 6, ranges: Parameters<typeof mmdbOf>[1]) => {
    const path = join(folder, `${version}-${Object.keys(ranges).length}.mmdb`)
    await writeFile(path, mmdbOf(version, ranges))
    return createFileCountries(path)
  }
  test('are found with their regions, by IPv4', async () => {
    const countries = await written(4, {
      '193.0.0.0/16': { country: { iso_code: 'NL' }, subdivisions: [{ iso_code: 'NH' }] },
      '18.0.0.0/8': { country_code: 'US' },
      '8.8.8.0/24': { country: { iso_code: 'nonsense' } },
    })
    expect(await countries.find('193.0.6.139')).toEqual({ country: 'NL', region: 'NH' })
    expect(await countries.find('18.9.22.169')).toEqual({ country: 'US', region: 'unknown' })
    for (const address of [...PRIVATE, '8.8.8.8', '9.9.9.9', '2a01:e0c:1::1'])
      expect(await countries.find(address), address).toEqual(UNKNOWN)
  })
  test('and by IPv6', async () => {
    const countries = await written(6, { '2a01:e0c::/32': { country: { iso_code: 'FR' } } })
    expect(await countries.find('2a01:e0c:1::1')).toEqual({ country: 'FR', region: 'unknown' })
    expect(await countries.find('2a02::1')).toEqual(UNKNOWN)
  })
  test('are not found in a file that is none, which is said', async () => {
    const path = join(folder, 'broken.mmdb')
    await writeFile(path, 'nothing of the kind')
    await expect(createFileCountries(path).find('193.0.6.139')).rejects.toThrow()
  })
})

describe('a list of bad addresses', () => {
  const TEXT = [
    '; Spamhaus DROP List',
    '192.0.2.0/24 ; SBL1',
    '# a comment',
    '',
    '198.51.100.7',
    '  203.0.113.7  # with words',
    '2001:db8::/32,next',
    'evil.example',
    'deadbeef-is-no-address',
  ].join('\r\n')
  const ENTRIES = ['192.0.2.0/24', '198.51.100.7', '203.0.113.7', '2001:db8::/32']
  const never = new AbortController().signal

  const served = async (status: number, body: string): Promise<string> => {
    const server = createServer((_, answer) => answer.writeHead(status, { location: '/' }).end(body))
    onTestFinished(() => void server.close())
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/list.txt`
  }

  test('is read from a file, line by line, comments left out', async () => {
    const path = join(folder, 'drop.txt')
    await writeFile(path, TEXT)
    expect(await createTextThreatList('drop', path, { outside: testOutside() }).read(never)).toEqual(ENTRIES)
  })
  test('is read from an address', async () => {
    const url = await served(200, TEXT)
    expect(await createTextThreatList('drop', url, { outside: testOutside() }).read(never)).toEqual(ENTRIES)
  })
  test.each([[404], [500], [302]])('is not read from an answer of %s', async (status) => {
    const url = await served(status, TEXT)
    const list = createTextThreatList('drop', url, { outside: testOutside() })
    await expect(list.read(never)).rejects.toMatchObject({ name: 'OutsideError' })
  })
  test('is given up when it is larger than any list is', async () => {
    const path = join(folder, 'large.txt')
    await writeFile(path, Buffer.alloc(33 * 1024 * 1024, '#'))
    const list = createTextThreatList('large', path, { outside: testOutside() })
    await expect(list.read(never)).rejects.toThrow('larger than')
  })
  test('that is not there is a failure and no empty list', async () => {
    const list = createTextThreatList('none', join(folder, 'none.txt'), { outside: testOutside() })
    await expect(list.read(never)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})

describe('names are asked of a name server', () => {
  test('of an address, and back', async () => {
    await using server = await testNameServer({
      'PTR 1.66.249.66.in-addr.arpa': ['crawl-66-249-66-1.googlebot.com'],
      'A crawl-66-249-66-1.googlebot.com': ['66.249.66.1'],
      [`PTR ${'1'.padEnd(15, '0').split('').join('.')}.0.0.0.0.0.0.0.0.0.8.b.d.0.1.0.0.2.ip6.arpa`]: [
        'six.example',
      ],
    })
    const names = createNameLookup([server.address])
    expect(await names.reverse('66.249.66.1')).toEqual(['crawl-66-249-66-1.googlebot.com'])
    expect(await names.reverse('2001:db8::1')).toEqual(['six.example'])
    expect(await names.addresses('crawl-66-249-66-1.googlebot.com')).toEqual(['66.249.66.1'])
  })
  test('an address without a name is told apart from a server that does not answer', async () => {
    await using server = await testNameServer({})
    await expect(createNameLookup([server.address]).reverse('66.249.66.1')).rejects.toMatchObject({
      code: 'ENOTFOUND',
    })
    await using silent = await testNameServer(null)
    await expect(createNameLookup([silent.address]).reverse('66.249.66.1')).rejects.toMatchObject({
      code: 'ETIMEOUT',
    })
  })
})
