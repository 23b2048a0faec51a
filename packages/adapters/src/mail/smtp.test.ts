import { once } from 'node:events'
import { type AddressInfo, createServer, type Socket } from 'node:net'
import { isPermanent } from '@plinth/kit'
import { certificate, readMessage, type TestSmtp, testSmtp } from '@plinth/testing/outside'
import { describe, expect, test } from 'vitest'
import { outsideError, testDependency } from '../../test/outside.ts'
import { smtpSettings } from '../../test/smtp.ts'
import { createSmtp, type SmtpSettings } from './smtp.ts'

const mail = { to: 'ada@example.com', subject: 'Hello', text: 'A line' }

/** A mailer towards a place, and the dependency that it calls through. */
const mailerTo = async (url: string, own: Partial<SmtpSettings> = {}, limits = {}) => {
  const dependency = testDependency('mail', limits)
  const mailer = await createSmtp({ ...smtpSettings, ...own, url }, dependency)
  return { ...mailer, dependency, [Symbol.dispose]: mailer.close }
}

const received = ({ received: [first, ...more] }: TestSmtp) => {
  expect(more).toEqual([])
  if (!first) throw new Error('no mail came in')
  return first
}

test('a mail has the headers that it needs and no others', async () => {
  await using server = await testSmtp()
  using mailer = await mailerTo(`smtp://${server.host}`)
  await mailer.send(mail)
  const { from, to, raw } = received(server)
  expect([from, to]).toEqual(['no-reply@plinth.example', ['ada@example.com']])
  const { headers } = readMessage(raw)
  expect(Object.keys(headers).sort()).toEqual([
    'content-transfer-encoding',
    'content-type',
    'date',
    'from',
    'message-id',
    'mime-version',
    'subject',
    'to',
  ])
  expect(headers).toMatchObject({
    from: 'Plinth <no-reply@plinth.example>',
    to: 'ada@example.com',
    subject: 'Hello',
  })
  expect(headers['message-id']).toMatch(/^<[^@<>]+@plinth\.example>$/)
  for (const line of raw.split('\r\n')) expect(line.length).toBeLessThanOrEqual(998)
})

test('connections are kept for the next mail, and no more than allowed are opened', async () => {
  await using server = await testSmtp()
  using mailer = await mailerTo(`smtp://${server.host}`, { connections: 2 })
  await Promise.all(Array.from({ length: 8 }, () => mailer.send(mail)))
  expect(server.received).toHaveLength(8)
  expect(server.connections).toBeLessThanOrEqual(2)
})

describe('signing in', () => {
  test('happens with the name and password of the address, decoded', async () => {
    await using server = await testSmtp({ auth: { user: 'shop@example.com', pass: 'p@ss:w/rd' } })
    using mailer = await mailerTo(`smtp://shop%40example.com:p%40ss%3Aw%2Frd@${server.host}`)
    await mailer.send(mail)
    expect(received(server).user).toBe('shop@example.com')
  })
  test('that fails is for the operator to mend: the mail is tried again, and the password is not told', async () => {
    await using server = await testSmtp({ auth: { user: 'shop', pass: 'right' } })
    using mailer = await mailerTo(`smtp://shop:wrong-password@${server.host}`)
    const error = await outsideError(mailer.send(mail))
    expect([error.kind, isPermanent(error)]).toEqual(['unavailable', false])
    expect(error.message).not.toContain('wrong-password')
    expect(server.received).toEqual([])
  })
})

describe('a refusal', () => {
  test.each([
    ['of the recipient for good', 550, true],
    ['of the recipient for now', 450, false],
  ])('%s', async (_, code, permanent) => {
    await using server = await testSmtp()
    server.refusals.set('ada@example.com', code)
    using mailer = await mailerTo(`smtp://${server.host}`)
    const error = await outsideError(mailer.send(mail))
    expect([error.kind, isPermanent(error)]).toEqual(['refused', permanent])
    await mailer.send({ ...mail, to: 'bob@example.com' })
    expect(received(server).to).toEqual(['bob@example.com'])
  })
  test.each([
    [554, true],
    [452, false],
  ])('of the message with %i', async (code, permanent) => {
    await using server = await testSmtp()
    server.refuseData = code
    using mailer = await mailerTo(`smtp://${server.host}`)
    const error = await outsideError(mailer.send(mail))
    expect([error.kind, isPermanent(error)]).toEqual(['refused', permanent])
  })
  test('does not open the circuit, and 421 is none', async () => {
    await using server = await testSmtp()
    server.refusals.set('ada@example.com', 550)
    using mailer = await mailerTo(`smtp://${server.host}`, {}, { minimumCalls: 2, windowCalls: 4 })
    for (const _ of [1, 2, 3, 4]) await outsideError(mailer.send(mail))
    expect(mailer.dependency.state()).toBe('closed')
    server.refusals.set('ada@example.com', 421)
    const errors = [await outsideError(mailer.send(mail)), await outsideError(mailer.send(mail))]
    expect(errors.map(({ kind }) => kind)).toEqual(['unavailable', 'unavailable'])
  })
})

/** A server that does with each connection what the test says. */
const rawServer = async (answer: (socket: Socket) => void) => {
  const sockets = new Set<Socket>()
  const server = createServer((socket) => {
    sockets.add(socket)
    socket.on('error', () => undefined)
    answer(socket)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`,
    sockets,
    [Symbol.asyncDispose]: async () => {
      for (const socket of sockets) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

describe('a server that is not well', () => {
  test('and never greets is given up in time, and the circuit opens', async () => {
    await using server = await rawServer(() => undefined)
    using mailer = await mailerTo(server.url, { greetingMs: 30 }, { minimumCalls: 2, windowCalls: 2 })
    for (const _ of [1, 2]) {
      const error = await outsideError(mailer.send(mail))
      expect([error.kind, isPermanent(error)]).toEqual(['unavailable', false])
    }
    expect(mailer.dependency.state()).toBe('open')
    const turnedAway = await outsideError(mailer.send(mail))
    expect([turnedAway.message, server.sockets.size]).toEqual(['mail is unavailable: its circuit is open', 2])
  })
  test('and dawdles is given up after the time for one mail', async () => {
    await using server = await rawServer((socket) => socket.write('220-not yet\r\n'))
    using mailer = await mailerTo(server.url, { greetingMs: 60_000 }, { timeoutMs: 50 })
    expect((await outsideError(mailer.send(mail))).kind).toBe('timed-out')
  })
  test('and is absent, or has no room, is unavailable', async () => {
    const server = await rawServer((socket) => socket.end('421 too busy\r\n'))
    using mailer = await mailerTo(server.url)
    expect((await outsideError(mailer.send(mail))).kind).toBe('unavailable')
    await server[Symbol.asyncDispose]()
    expect((await outsideError(mailer.send(mail))).kind).toBe('unavailable')
  })
  test('and hangs up in the middle of a mail is not sent it twice by itself', async () => {
    await using server = await testSmtp()
    server.cutNext = true
    using mailer = await mailerTo(`smtp://${server.host}`)
    const error = await outsideError(mailer.send(mail))
    expect([error.kind, isPermanent(error), server.received]).toEqual(['unavailable', false, []])
    await mailer.send(mail)
    expect(received(server).to).toEqual(['ada@example.com'])
  })
})

describe('TLS', () => {
  const ca = certificate.cert
  test.each([
    ['after STARTTLS', 'starttls', 'smtp'],
    ['from the start', 'implicit', 'smtps'],
  ] as const)('is spoken %s', async (_, tls, scheme) => {
    await using server = await testSmtp({ tls })
    using mailer = await mailerTo(`${scheme}://${server.host}`, { tls: 'required', ca })
    await mailer.send(mail)
    expect(received(server).secure).toBe(true)
  })
  test('that is required is not gone without', async () => {
    await using server = await testSmtp({ auth: { user: 'shop', pass: 'secret' } })
    using mailer = await mailerTo(`smtp://shop:secret@${server.host}`, { tls: 'required', ca })
    expect((await outsideError(mailer.send(mail))).kind).toBe('unavailable')
    expect(server.received).toEqual([])
  })
  test('with a certificate that nobody vouches for is no TLS', async () => {
    await using server = await testSmtp({ tls: 'implicit' })
    using mailer = await mailerTo(`smtps://${server.host}`)
    expect((await outsideError(mailer.send(mail))).kind).toBe('unavailable')
    expect(server.received).toEqual([])
  })
})
