import { type Database, json } from '@plinth/db'
import type { Clock, KitTables, Visit } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { Judged, Observation } from './observe.ts'
import type { GuardSettings } from './settings.ts'

interface JournalDeps {
  readonly db: Database<KitTables>
  readonly clock: Clock
  readonly settings: GuardSettings
  readonly observe: (seen: Observation) => Promise<Judged>
  readonly dropped: (requests: number) => void
}

const CHUNK = 100

const isWrite = (method: string): boolean => method === 'POST' || method === 'PUT' || method === 'PATCH'

/** The body as far as it may be needed: a large one must not wait in memory as a whole. */
const boundedBody = ({ method, bodyText }: Visit, bound: number): string | undefined => {
  if (bodyText === undefined || bound === 0 || !isWrite(method)) return undefined
  // A part of a text holds on to the whole of it, but for a copy.
  return bodyText.length <= 8 * bound ? bodyText : Buffer.from(bodyText.slice(0, bound + 1)).toString()
}

/** Keeps answered requests until they are written, many at once, off the way of those who wait. */
export const createJournal = ({ db: given, clock, settings, observe, dropped }: JournalDeps) => {
  const db = given.as<CoreDb>()
  const { on, bodyBytes, share } = settings.requests
  let waiting: Observation[] = []

  const isKept = (visit: Visit, status: number): boolean =>
    share >= 1 || status >= 400 || isWrite(visit.method) || Math.random() < share

  const store = async (judged: readonly Judged[]): Promise<void> => {
    if (!on || judged.length === 0) return
    const values = judged.map(({ row }) => ({ ...row, signs: json(row.signs) }))
    await db.transaction((trx) => trx.insertInto('requests').values(values).execute())
  }
  return {
    add(visit: Visit, status: number, path: string): void {
      if (!isKept(visit, status)) return
      if (waiting.length >= settings.mostWaiting) {
        dropped(1)
        return
      }
      const { startedAt, requestId, method, url, procedure, address, received, sent, rawHeaders, principal } =
        visit
      const ms = performance.now() - startedAt
      const body = boundedBody(visit, bodyBytes)
      const at = clock.now().getTime() - Math.round(ms)
      waiting.push({
        at,
        ms,
        status,
        requestId,
        method,
        url,
        path,
        procedure,
        address,
        received,
        sent,
        rawHeaders,
        principal,
        body,
      })
    },
    waiting: () => waiting.length,
    /** Writes what waits, a part at a time so that nothing else is held up; tells of each part what it shows. */
    async write(tell: (judged: Judged) => void): Promise<void> {
      const seen = waiting
      waiting = []
      for (let start = 0; start < seen.length; start += CHUNK) {
        const judged = await Promise.all(seen.slice(start, start + CHUNK).map(observe))
        for (const each of judged) tell(each)
        try {
          await store(judged)
        } catch (error) {
          // The log of requests is no reason to run out of memory while the database is away.
          dropped(seen.length - start)
          throw error
        }
      }
    },
  }
}
