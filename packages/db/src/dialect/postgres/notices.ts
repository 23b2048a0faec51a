import { randomUUID } from 'node:crypto'
import pg from 'pg'
import type { Settings } from '../../config.ts'
import type { NoticeHooks, Notices } from '../../notices.ts'
import { addressOf, type Pool } from './pools.ts'

// The server takes less than 8000 bytes in one payload, of which the head of a part needs some.
const PART_CHARACTERS = 7800
const FIRST_PAUSE_MS = 100
const LONGEST_PAUSE_MS = 5000
const ASK_EVERY_MS = 5000

/** Cuts a text into payloads that are sent in one transaction, and so arrive one after the other. */
const partsOf = (text: string): string[] => {
  // Payloads are text of the server's encoding without NUL; this is both, wherever it is cut.
  const encoded = Buffer.from(text).toString('base64')
  const id = randomUUID()
  const count = Math.max(1, Math.ceil(encoded.length / PART_CHARACTERS))
  return Array.from(
    { length: count },
    (_, at) => `${id}:${at}:${count}:${encoded.slice(at * PART_CHARACTERS, (at + 1) * PART_CHARACTERS)}`,
  )
}

/** Puts the parts of one text together again; a text that lacks a part is dropped when the next one begins. */
const createJoiner = (message: (text: string) => void) => {
  let current = ''
  let parts: string[] = []
  return (payload: string): void => {
    const [id = '', at, count, part = ''] = payload.split(':', 4)
    if (id !== current) parts = []
    current = id
    if (Number(at) !== parts.length) return
    parts.push(part)
    if (parts.length < Number(count)) return
    message(Buffer.from(parts.join(''), 'base64').toString())
    parts = []
  }
}

/** Ends a connection. A server that is silent hears no goodbye, so it is not waited for longer than for an answer. */
const part = async (client: pg.Client, withinMs: number): Promise<void> => {
  const timer = setTimeout(() => client.connection.stream.destroy(), withinMs)
  await client.end().catch(() => undefined)
  clearTimeout(timer)
}

/** One connection that listens; resolves when it is lost or not needed any more, with the reason. */
const listenOnce = async (
  client: pg.Client,
  channel: string,
  { message, listening }: NoticeHooks,
  signal: AbortSignal,
  answerMs: number,
): Promise<unknown> => {
  const lost = Promise.withResolvers<unknown>()
  signal.addEventListener('abort', lost.resolve, { once: true })
  client.on('error', lost.resolve)
  client.on('end', () => lost.resolve(new Error('the server ended the connection')))
  const join = createJoiner(message)
  client.on('notification', ({ payload }) => join(payload ?? ''))
  let timer: NodeJS.Timeout | undefined
  try {
    await client.connect()
    // The driver can't end a connection that is being made: what was stopped meanwhile ends now.
    if (signal.aborted) return signal.reason
    await client.query(`listen ${client.escapeIdentifier(channel)}`)
    listening()
    // A connection that nothing is sent over may be gone for hours without a sign: it is asked.
    timer = setInterval(() => void client.query('select 1').catch(lost.resolve), ASK_EVERY_MS).unref()
    return await lost.promise
  } catch (error) {
    return error
  } finally {
    clearInterval(timer)
    signal.removeEventListener('abort', lost.resolve)
    // It is gone or going; what is left of it is of no use.
    await part(client, answerMs)
  }
}

/** A pause that can be ended. */
const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const ended = () => {
      clearTimeout(timer)
      signal.removeEventListener('abort', ended)
      resolve()
    }
    const timer = setTimeout(ended, ms).unref()
    signal.addEventListener('abort', ended, { once: true })
  })

/** Messages by LISTEN and NOTIFY; `close` ends what still listens. */
export const createNotices = (settings: Settings, write: Pool): Notices & { close(): Promise<void> } => {
  const ends = new Set<() => Promise<void>>()

  const newClient = () =>
    new pg.Client({
      ...addressOf(settings.location, ''),
      application_name: 'plinth listener',
      connectionTimeoutMillis: settings.acquireTimeoutMs,
      query_timeout: settings.acquireTimeoutMs,
      keepAlive: true,
    })

  const listen = (channel: string, hooks: NoticeHooks) => {
    const stopped = new AbortController()
    let wait = FIRST_PAUSE_MS
    const run = async (): Promise<void> => {
      while (!stopped.signal.aborted) {
        const listening = () => {
          wait = FIRST_PAUSE_MS
          hooks.listening()
        }
        const reason = await listenOnce(
          newClient(),
          channel,
          { ...hooks, listening },
          stopped.signal,
          settings.acquireTimeoutMs,
        )
        if (stopped.signal.aborted) return
        hooks.lost(reason)
        await pause(wait * (0.5 + Math.random() / 2), stopped.signal)
        wait = Math.min(2 * wait, LONGEST_PAUSE_MS)
      }
    }
    const running = run()
    const end = async (): Promise<void> => {
      ends.delete(end)
      stopped.abort()
      await running
    }
    ends.add(end)
    return end
  }

  return {
    listen,
    async send(channel, text) {
      const session = await write.acquire()
      try {
        await session.run({
          sql: 'select pg_notify($1, part) from json_array_elements_text($2::json) as part',
          parameters: [channel, partsOf(text)],
        })
      } finally {
        session.release()
      }
    },
    async close() {
      await Promise.all([...ends].map((end) => end()))
    },
  }
}
