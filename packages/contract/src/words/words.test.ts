import { describe, expect, test } from 'vitest'
import { Email, Locale, nothing, Phone, PostalCode, Slug, TimeZone, WebUrl } from './formats.ts'
import { id } from './ids.ts'
import { Day, Moment } from './moments.ts'
import { Money } from './money.ts'
import { pageInput, sort } from './page.ts'
import { line, prose } from './text.ts'

describe('formats are checked by shared rules', () => {
  const cases = [
    [
      'email',
      Email,
      [' Ada@Example.com '],
      ['ada', 'a@b', 'a b@example.com', `${'a'.repeat(250)}@example.com`],
    ],
    ['phone', Phone, ['+4930123456'], ['030 123456', '+0123', '+49 30 123']],
    [
      'web address',
      WebUrl,
      ['https://example.com/a?b'],
      ['javascript:alert(1)', 'ftp://example.com', 'example'],
    ],
    ['postal code', PostalCode, ['10115', 'SW1A 1AA'], ['', '!!', '-1']],
    ['slug', Slug, ['mountain-200'], ['Mountain', 'a--b', '-a', '']],
    ['language', Locale, ['en', 'pt-BR'], ['english', 'EN', 'pt_BR']],
    ['time zone', TimeZone, ['UTC', 'Europe/Berlin'], ['Europe/Nowhere', '']],
    [
      'moment',
      Moment,
      ['2026-11-21T09:30:00.000Z'],
      ['2026-11-21', '2026-11-21T09:30:00Z', '2026-11-21T09:30:00.000+01:00'],
    ],
    [
      'id',
      id('prd'),
      ['prd_01jd7m3x5sfa9v8k2cq4w6y8ze'],
      ['prd_1', 'usr_01jd7m3x5sfa9v8k2cq4w6y8ze', 'prd_01JD7M3X5SFA9V8K2CQ4W6Y8ZE'],
    ],
  ] as const
  test.each(cases)('%s', (_name, schema, good, bad) => {
    for (const value of good) expect(schema.safeParse(value).success, value).toBe(true)
    for (const value of bad) expect(schema.safeParse(value).success, value).toBe(false)
  })

  test('an email address is kept in lower case', () => {
    expect(Email.parse(' Ada@Example.com ')).toBe('ada@example.com')
  })

  test('money is whole minor units', () => {
    expect(Money.safeParse({ amount: 1050, currency: 'EUR' }).success).toBe(true)
    for (const amount of [10.5, -1, '1', 2 ** 53])
      expect(Money.safeParse({ amount, currency: 'EUR' }).success).toBe(false)
  })
})

describe('text is cleaned before its length is checked', () => {
  test('white space around it, control characters and bidirectional marks go', () => {
    expect(line(20).parse('  Ada\u0000 \u202eByron\n ')).toBe('Ada Byron')
    expect(line(20).safeParse(' \u0000 ').success).toBe(false)
  })
  test('lines stay in prose and not in a line', () => {
    expect(prose(20).parse('one\r\ntwo\u0007')).toBe('one\ntwo')
    expect(line(20).parse('one\ntwo')).toBe('onetwo')
  })
  test('markup can not open a tag, and arithmetic is left alone', () => {
    expect(line(80).parse('<script>alert(1)</script>')).toBe('‹script>alert(1)‹/script>')
    expect(line(80).parse('3 < 4 and 5 > 4')).toBe('3 < 4 and 5 > 4')
  })
  test('accents are composed, so that equal text is equal', () => {
    expect(line(10).parse('Cafe\u0301')).toBe('Café')
  })
})

describe('lists are bounded', () => {
  test('a page holds 1 to 100 items', () => {
    expect(pageInput.limit.parse(undefined)).toBe(20)
    for (const limit of [0, 101, 1.5]) expect(pageInput.limit.safeParse(limit).success).toBe(false)
  })
  test('a sort names declared fields only, three at most', () => {
    const schema = sort('name', 'price')
    expect(schema.parse(['-price', 'name'])).toEqual(['-price', 'name'])
    for (const value of [[], ['secret'], ['--name'], ['name', '-name', 'price', '-price']])
      expect(schema.safeParse(value).success).toBe(false)
  })
  test('no input means none: unknown fields are refused', () => {
    expect(nothing.safeParse(undefined).success).toBe(true)
    expect(nothing.safeParse({ admin: true }).success).toBe(false)
  })
})

test('the year 0000, which one engine does not know, is refused', () => {
  expect(Moment.safeParse('0000-02-29T22:09:12.296Z').success).toBe(false)
  expect(Day.safeParse('0000-02-29').success).toBe(false)
  expect(Moment.safeParse('0001-01-01T00:00:00.000Z').success).toBe(true)
})
