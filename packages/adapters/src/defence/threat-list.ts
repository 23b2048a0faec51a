import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import type { ReadableStream } from 'node:stream/web'
import { type Outside, OutsideError, type ThreatList } from '@plinth/kit'

const MOST_BYTES = 32 * 1024 * 1024
const MOST_LINES = 1_000_000

// The first word of a line; what follows it, or a sign of a comment, is for people. Some write ranges as a; b or a,b.
const entryOf = (line: string): string =>
  /^[\da-fA-F.:]+(?:\/\d{1,3})?(?=$|[\s;,#])/.exec(line.trim())?.[0] ?? ''

async function* bounded(source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let bytes = 0
  for await (const chunk of source) {
    bytes += chunk.length
    if (bytes > MOST_BYTES) throw new Error(`a threat list is larger than ${MOST_BYTES} bytes`)
    yield chunk
  }
}

const readLines = async (source: AsyncIterable<Buffer>): Promise<string[]> => {
  const entries: string[] = []
  for await (const line of createInterface({ input: Readable.from(bounded(source)) })) {
    const entry = entryOf(line)
    if (entry !== '' && entries.push(entry) > MOST_LINES) throw new Error('a threat list has too many lines')
  }
  return entries
}

const fetchLines = async (name: string, url: string, signal: AbortSignal): Promise<string[]> => {
  const response = await fetch(url, { signal, redirect: 'error' })
  if (response.status >= 400 && response.status < 500)
    throw new OutsideError(name, 'refused', { cause: new Error(`answered ${response.status}`) })
  if (!response.ok || !response.body) throw new Error(`answered ${response.status}`)
  return readLines(Readable.fromWeb(response.body as ReadableStream<Uint8Array>))
}

interface TextListDeps {
  readonly outside: Outside
}

/**
 * A list as plain text, as Spamhaus DROP, FireHOL and many others are given: an address or a range on each line, and
 * comments after `#` or `;`.
 * @param source a path, or an address that begins with http: or https:.
 */
export const createTextThreatList = (name: string, source: string, { outside }: TextListDeps): ThreatList => {
  const isRemote = /^https?:\/\//i.test(source)
  const dependency = isRemote
    ? outside.dependency('threats', { timeoutMs: 30_000, deadlineMs: 60_000 })
    : null
  return {
    name,
    read: (signal) =>
      dependency
        ? dependency.call((abort) => fetchLines(name, source, abort), { idempotent: true, signal })
        : readLines(createReadStream(source, { signal })),
  }
}
