import { readFileSync } from 'node:fs'
import { testApp } from '@plinth/testing'
import { describe, expect, test } from 'vitest'
import * as measured from '../../test/measure-bots.ts'
import { confidenceOf, crawlerDomains, createBotRules } from './bots.ts'
import { signsOf } from './signs.ts'

const document = readFileSync(
  new URL('../../../../docs/bot-detection.md', import.meta.url),
  'utf8',
).replaceAll(/ +/g, ' ')
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`

/** The figures as the document has them. */
const rowOf = ({ found, missed, wrong, left }: measured.Counts): string => {
  const { precision, recall } = measured.rates({ found, missed, wrong, left })
  const shown = Number.isNaN(precision) ? '-' : percent(precision)
  return [found, missed, wrong, left, shown, percent(recall)].join(' | ')
}

describe('the rules are as good as the document says, and no worse', () => {
  const cases: readonly (readonly [string, measured.Counts, precision: number, recall: number])[] = [
    ['crawlers by user agent', measured.crawlers(false), 0.99, 0.85],
    ['crawlers and libraries by user agent', measured.crawlers(true), 0.99, 0.98],
    ['scanners by name', measured.scanners(), 0.95, 0.95],
    ['browsers by name without their headers', measured.pretenders(), 0.99, 0.99],
    ['a web log', measured.siteLog(), 0.6, 0.99],
    ['a log of an attack, with the trap', measured.attackersOf('/join_form'), 0.99, 0.6],
    ['values of parameters', measured.parameterValues(), 0.99, 0.6],
    ['tests of a rule set', measured.ruleRequests(), 0.85, 0.05],
  ]
  test.each(cases)('%s', (name, counts, least, leastRecall) => {
    const { precision, recall } = measured.rates(counts)
    expect(precision).toBeGreaterThanOrEqual(least)
    expect(recall).toBeGreaterThanOrEqual(leastRecall)
    expect(document).toContain(`| ${name} | ${rowOf(counts)} |`)
  })
  test('a log of an attack, without the trap: rules that count alone find nobody', () => {
    const counts = measured.attackersOf(null)
    expect(counts.wrong).toBe(0)
    expect(document).toContain(`| a log of an attack, without the trap | ${rowOf(counts)} |`)
  })
})

test('the ladder is measured as it is set where nothing is set', async () => {
  await using app = await testApp()
  const { bans, lowered, threats } = app.settings.guard
  expect({ bans: { ...bans, exempt: [] }, lowered, threats }).toEqual(measured.LADDER)
})

describe('a client is taken for what it is', () => {
  const CHROME =
    'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36'
  const headers = { accept: '*/*', 'accept-encoding': 'gzip', 'accept-language': 'en' }
  const kindOf = (given: Readonly<Record<string, string>>, secure = false) =>
    createBotRules({ secure })((name) => given[name])

  test.each([
    ['curl/8.5.0', 'library'],
    ['node', 'library'],
    ['undici', 'library'],
    ['python-requests/2.31.0', 'library'],
    ['okhttp/4.12.0', 'library'],
    ['Dart/3.5 (dart:io)', 'library'],
    ['PostmanRuntime/7.43.0', 'library'],
    ['', 'unknown'],
    ['MyApp 3', 'unknown'],
    ['sqlmap/1.8#stable (https://sqlmap.org)', 'scanner'],
    ['Mozilla/5.0 (compatible; Googlebot/2.1; +http://www.google.com/bot.html)', 'crawler'],
  ])('%s', (agent, kind) => {
    expect(kindOf({ 'user-agent': agent, ...headers })).toBe(kind)
  })
  test('programs that use the API well are never more than of low confidence', () => {
    expect(confidenceOf('library')).toBe('low')
    expect(confidenceOf('unknown')).toBe('low')
  })
  test('a browser by its headers, and who copies its name alone', () => {
    expect(kindOf({ 'user-agent': CHROME, ...headers })).toBe('browser')
    for (const missing of Object.keys(headers)) {
      const rest = Object.entries(headers).filter(([name]) => name !== missing)
      expect(kindOf({ 'user-agent': CHROME, ...Object.fromEntries(rest) }), missing).toBe('pretender')
    }
    expect(kindOf({ 'user-agent': CHROME, ...headers }, true)).toBe('pretender')
    expect(kindOf({ 'user-agent': CHROME, ...headers, 'sec-fetch-mode': 'cors' }, true)).toBe('browser')
  })
  test('crawlers that can be verified have the domains that their owners name', () => {
    expect(crawlerDomains('Mozilla/5.0 (compatible; bingbot/2.0)')).toEqual(['search.msn.com'])
    expect(crawlerDomains('SomeBot/1.0')).toBeNull()
  })
})

test.each([
  ['/api/v1/products?q=union+jack+and+select+teas', []],
  ["/api/v1/products?q=rock+'n'+roll", []],
  ['/api/v1/products?q=a;b', []],
  ['/api/v1/products/search?q=50%25+off', []],
  ['/api/v1/products?q=..', []],
  ['/wp-login.php', ['probe']],
  ['/.git/config', ['probe']],
  ['/files/..%2f..%2fetc/passwd', ['traversal']],
  ['/files/%252e%252e%252fetc%252fpasswd', ['traversal']],
  ['/x?q=%3Cscript%3Ealert(1)%3C/script%3E', ['script']],
  ["/x?id=1'+or+'1'='1", ['sql']],
  ['/x?host=1;cat+/etc/passwd', ['traversal', 'command']],
  ['/x?q=%zz%', []],
])('what %s shows: %j', (url, signs) => {
  expect(signsOf(url)).toEqual(signs)
})
