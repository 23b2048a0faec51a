import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readEvents, type StreamEvent } from './event-stream.ts'

const read = async (...chunks: readonly Uint8Array[]): Promise<StreamEvent[]> => {
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(chunk)
      controller.close()
    },
  })
  const events: StreamEvent[] = []
  for await (const event of readEvents(body)) events.push(event)
  return events
}

const bytes = (text: string) => new TextEncoder().encode(text)

test('events are read as the standard says: comments, all ends of lines, several lines of data', async () => {
  const text =
    '\ufeff: hello\r\n\r\nid: 1\ndata: a\ndata:b\n\nevent: ping\rdata:\r\revent: nothing\n\ndata: lost'
  expect(await read(bytes(text))).toEqual([
    { type: 'message', data: 'a\nb', id: '1' },
    { type: 'ping', data: '', id: undefined },
  ])
})

test('where the network cuts the bytes changes nothing', async () => {
  const text = 'id: 1\r\ndata: {"name":"Müller 😀"}\r\n\r\nevent: x\r\ndata: 2\r\n\r\n'
  const all = bytes(text)
  const whole = await read(all)
  expect(whole).toHaveLength(2)
  await fc.assert(
    fc.asyncProperty(fc.uniqueArray(fc.nat(all.length), { maxLength: 6 }), async (cuts) => {
      const places = [0, ...cuts.toSorted((a, b) => a - b), all.length]
      const parts = places.slice(1).map((end, index) => all.slice(places[index], end))
      expect(await read(...parts)).toEqual(whole)
    }),
    { numRuns: 100 },
  )
})

test('a line that never ends is refused before it fills the memory', async () => {
  const chunk = bytes('x'.repeat(1024 * 1024))
  await expect(read(...Array.from({ length: 10 }, () => chunk))).rejects.toThrow('characters long')
})
