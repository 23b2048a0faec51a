import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server'
import { certificate } from './certificate.ts'

/** A mail as it came in over SMTP. */
export interface ReceivedMail {
  readonly from: string
  readonly to: readonly string[]
  /** Everything after DATA, with its headers. */
  readonly raw: string
  readonly user: string | undefined
  readonly secure: boolean
}

interface TestSmtpOptions {
  /** Who may send; left out: anybody. */
  readonly auth?: { readonly user: string; readonly pass: string }
  /** Whether it speaks TLS: after STARTTLS, from the start, or never (left out). */
  readonly tls?: 'starttls' | 'implicit'
  /** Left out: any that is free. */
  readonly port?: number
}

/** An SMTP server on loopback. */
export interface TestSmtp extends AsyncDisposable {
  readonly host: string
  readonly received: ReceivedMail[]
  /** Answers for recipients that are not taken, by address. */
  readonly refusals: Map<string, number>
  /** Answer for every message once it was sent, while it is set. */
  refuseData: number | undefined
  /** Hangs up in the middle of the next message. */
  cutNext: boolean
  /** How many connections were opened. */
  connections: number
}

const refusal = (code: number) => Object.assign(new Error('Refused by the test'), { responseCode: code })

const tlsOptions = (tls: TestSmtpOptions['tls']): SMTPServerOptions => {
  if (tls === undefined) return { disabledCommands: ['STARTTLS'] }
  return { ...certificate, secure: tls === 'implicit' }
}

const mailOf = ({ envelope, user, secure }: SMTPServerSession, raw: string): ReceivedMail => ({
  from: envelope.mailFrom ? envelope.mailFrom.address : '',
  to: envelope.rcptTo.map(({ address }) => address),
  raw,
  user: user === undefined ? undefined : String(user),
  secure,
})

/** Starts an SMTP server that keeps what it is sent, and refuses what it is told to. */
export const testSmtp = async ({ auth, tls, port = 0 }: TestSmtpOptions = {}): Promise<TestSmtp> => {
  const state = {
    host: '',
    received: [] as ReceivedMail[],
    refusals: new Map<string, number>(),
    refuseData: undefined as number | undefined,
    cutNext: false,
    connections: 0,
  }
  const server = new SMTPServer({
    ...tlsOptions(tls),
    authOptional: auth === undefined,
    allowInsecureAuth: true,
    closeTimeout: 1,
    onConnect(_session, done) {
      state.connections += 1
      done()
    },
    onAuth({ username, password }, _session, done) {
      if (auth && username === auth.user && password === auth.pass) done(null, { user: auth.user })
      else done(new Error('Wrong name or password'))
    },
    onRcptTo({ address }, _session, done) {
      const code = state.refusals.get(address)
      done(code === undefined ? null : refusal(code))
    },
    onData(stream, session, done) {
      if (state.cutNext) {
        state.cutNext = false
        for (const connection of server.connections) connection.close()
        return
      }
      const chunks: Buffer[] = []
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
      stream.on('end', () => {
        if (state.refuseData !== undefined) return done(refusal(state.refuseData))
        state.received.push(mailOf(session, Buffer.concat(chunks).toString('utf8')))
        return done()
      })
    },
  })
  // A client that breaks off is what some tests are about.
  server.on('error', () => undefined)
  const listening = server.listen(port, '127.0.0.1')
  await once(listening, 'listening')
  state.host = `127.0.0.1:${(listening.address() as AddressInfo).port}`
  return Object.assign(state, {
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => server.close(() => resolve())),
  })
}
