/** One event of a stream. */
export interface StreamEvent {
  readonly type: string
  readonly data: string
  /** Undefined where the event has none. */
  readonly id: string | undefined
}

// A line that never ends must not fill the memory.
const MAX_PENDING = 8 * 1024 * 1024

const fieldOf = (line: string): [name: string, value: string] => {
  const at = line.indexOf(':')
  if (at < 0) return [line, '']
  return [line.slice(0, at), line.slice(at + 1).replace(/^ /, '')]
}

/** Takes lines and answers the event that an empty one ends; an event without data is none, as in the standard. */
const createEvents = () => {
  let type = ''
  let id: string | undefined
  let data: string[] | null = null
  return (line: string): StreamEvent | null => {
    if (line !== '') {
      const [name, value] = fieldOf(line)
      if (name === 'event') type = value
      else if (name === 'id') id = value
      else if (name === 'data') data = [...(data ?? []), value]
      return null
    }
    const event = data && { type: type || 'message', data: data.join('\n'), id }
    type = ''
    id = undefined
    data = null
    return event
  }
}

/** The events of a stream as the WHATWG standard reads them (https://html.spec.whatwg.org, server-sent events). */
export async function* readEvents(body: ReadableStream<Uint8Array>): AsyncGenerator<StreamEvent, void> {
  const reader = body.getReader()
  const decoder = new TextDecoder()
  const take = createEvents()
  let pending = ''
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      pending += decoder.decode(value, { stream: true })
      // A carriage return at the end may be half of a line's end.
      const lines = pending.split(/\r\n|\n|\r(?!$)/)
      pending = lines.pop() ?? ''
      if (pending.length > MAX_PENDING)
        throw new Error(`A line of the stream is over ${MAX_PENDING} characters long`)
      for (const line of lines) {
        const event = take(line)
        if (event) yield event
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined)
  }
}
