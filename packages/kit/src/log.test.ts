import { describe, expect, test } from 'vitest'
import { createLog } from './log.ts'

const memory = (level = 'info', modules = {}) => {
  const lines: Record<string, unknown>[] = []
  const write = (line: string): void => void lines.push(JSON.parse(line) as Record<string, unknown>)
  return { lines, log: createLog({ level, modules }, { write }) }
}

describe('the log', () => {
  test('is JSON with time, level, module and message', () => {
    const { lines, log } = memory()
    log.module('http').info({ requestId: 'r1' }, 'answered')
    expect(lines).toEqual([
      {
        time: expect.stringMatching(/^\d{4}-.*Z$/),
        level: 'info',
        module: 'http',
        requestId: 'r1',
        msg: 'answered',
      },
    ])
  })

  test('has a line for each request, in the form of all others, whatever its path holds', () => {
    const { lines, log } = memory()
    const request = {
      requestId: 'r1',
      method: 'GET',
      path: '/a"b\\c\u2028',
      status: 200,
      ms: 0.1,
      received: 0,
      sent: 9,
    }
    log.answered(request)
    log.module('access').info(request, 'answered')
    const [mine, other] = lines
    expect(mine).toEqual({ ...other, time: expect.stringMatching(/^\d{4}-.*Z$/) })
    expect(Object.keys(mine ?? {})).toEqual(Object.keys(other ?? {}))
    log.setLevel('warn', 'access')
    log.answered(request)
    expect(lines).toHaveLength(2)
  })

  test('names the trace at work in every line, and masks its secrets as ever', () => {
    const { lines, log } = memory()
    let traceId: string | undefined = 'abc'
    log.traceBy(() => traceId)
    log.root.info({ token: 'one' }, 'with fields')
    log.module('db').warn('without')
    log.module('db').error({ err: new Error('down') }, 'with an error')
    traceId = undefined
    log.root.info('outside of any')
    expect(lines.map((line) => [line.traceId, line.msg])).toEqual([
      ['abc', 'with fields'],
      ['abc', 'without'],
      ['abc', 'with an error'],
      [undefined, 'outside of any'],
    ])
    expect(JSON.stringify(lines)).not.toContain('one"')
  })

  test('masks secrets by the names they go by, at the top and below', () => {
    const { lines, log } = memory()
    const secrets = {
      password: 'one',
      newPassword: 'one',
      token: 'one',
      accessToken: 'one',
      refreshToken: 'one',
    }
    log.root.info(
      {
        ...secrets,
        input: secrets,
        deep: { input: secrets },
        headers: { authorization: 'one', cookie: 'one' },
      },
      'x',
    )
    expect(JSON.stringify(lines)).not.toContain('one')
    expect(JSON.stringify(lines)).toContain('[masked]')
  })

  test('masks one-time codes by their name, and leaves the codes of errors', () => {
    const { lines, log } = memory()
    const given = {
      code: '492039',
      recoveryCode: '3v7k9-m2x4q',
      secondFactor: { code: '492039' },
      secret: 'JBSW',
    }
    log.root.info({ ...given, input: given, deep: { input: given } }, 'x')
    expect(JSON.stringify(lines)).not.toMatch(/492039|3v7k9|JBSW/)
    const refused = Object.assign(new Error('refused'), { code: '23505' })
    log.root.warn({ err: refused, code: 'ECONNREFUSED', deep: { input: { code: 'TOTP_OFF' } } }, 'x')
    expect(lines.at(-1)).toMatchObject({
      err: { code: '23505' },
      code: 'ECONNREFUSED',
      deep: { input: { code: 'TOTP_OFF' } },
    })
  })

  test('has levels of all and of single modules, which change while it runs', () => {
    const { lines, log } = memory('warn', { db: 'debug' })
    const [db, http] = [log.module('db'), log.module('http')]
    db.debug('seen')
    http.info('unseen')
    log.setLevel('info', 'http')
    http.info('seen')
    log.setLevel('error', 'all')
    db.debug('unseen')
    http.info('unseen')
    expect(lines.map(({ msg }) => msg)).toEqual(['seen', 'seen'])
    expect(log.levels()).toEqual({ all: 'error', access: 'error', db: 'error', http: 'error' })
  })
})
