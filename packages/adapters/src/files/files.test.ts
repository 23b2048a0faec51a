import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { type FilesSubject, pieces, testBucket, testFolder, textOf } from '../../test/files.ts'

const CONTENT = 'Grüße from a file'
const SHA256 = createHash('sha256').update(CONTENT).digest('hex')
const SIZE = Buffer.byteLength(CONTENT)

const file = (...parts: (string | Uint8Array)[]) => ({
  content: pieces(...parts),
  contentType: 'text/plain',
  maxBytes: 1000,
})

const all = Array.from({ length: 5 }, (_, index) => index)

describe.each<[string, () => Promise<FilesSubject>]>([
  ['folder', testFolder],
  ['s3', testBucket],
])('files in %s', (_name, setUp) => {
  test('are given as they were put, with their size and hash', async () => {
    await using subject = await setUp()
    const { files } = subject
    const stored = await files.put(file('Grüße ', 'from ', 'a file'))
    expect(stored).toEqual({
      key: expect.stringMatching(/^[0-9a-f]{32}$/),
      size: SIZE,
      sha256: SHA256,
      contentType: 'text/plain',
    })
    expect(await files.head(stored.key)).toEqual(stored)
    const content = await files.get(stored.key)
    expect(content).toMatchObject({ ...stored, range: { start: 0, end: SIZE - 1 } })
    expect(content && (await textOf(content.body))).toBe(CONTENT)
  })
  test('can be empty, or larger than one read', async () => {
    await using subject = await setUp()
    const { files } = subject
    const empty = await files.put(file())
    const nothing = await files.get(empty.key)
    expect([empty.size, nothing && (await textOf(nothing.body))]).toEqual([0, ''])
    const large = 'x'.repeat(700_001)
    const { key } = await files.put({ ...file(large, large), maxBytes: 2_000_000 })
    const content = await files.get(key)
    expect(content && (await textOf(content.body)).length).toBe(1_400_002)
  })
  test('are given in part, to their end at the most', async () => {
    await using subject = await setUp()
    const { files } = subject
    const { key } = await files.put(file('0123456789'))
    const part = async (start: number, end: number) => {
      const content = await files.get(key, { start, end })
      return content && [await textOf(content.body), content.range, content.size]
    }
    expect(await part(0, 0)).toEqual(['0', { start: 0, end: 0 }, 10])
    expect(await part(3, 5)).toEqual(['345', { start: 3, end: 5 }, 10])
    expect(await part(8, 99)).toEqual(['89', { start: 8, end: 9 }, 10])
    await expect(part(10, 12)).rejects.toThrow(RangeError)
    const empty = await files.put(file())
    await expect(files.get(empty.key, { start: 0, end: 0 })).rejects.toThrow(RangeError)
  })
  test('that are too large are refused, and nothing of them is kept', async () => {
    await using subject = await setUp()
    const { files } = subject
    let given = 0
    async function* endless() {
      for (;;) {
        given += 600
        yield Buffer.alloc(600)
      }
    }
    const putting = files.put({ ...file(), content: endless() })
    await expect(putting).rejects.toMatchObject({ code: 'TOO_LARGE' })
    expect(given).toBe(1200)
    expect((await files.put({ ...file('x'.repeat(1000)) })).size).toBe(1000)
  })
  test('whose content breaks off are not kept, and say why', async () => {
    await using subject = await setUp()
    async function* broken() {
      yield Buffer.from('half')
      throw new Error('the client hung up')
    }
    const { files } = subject
    await expect(files.put({ ...file(), content: broken() })).rejects.toThrow('the client hung up')
    const signal = AbortSignal.abort(new Error('given up'))
    await expect(files.put({ ...file('content'), signal })).rejects.toThrow()
  })
  test('are gone once deleted, and to delete them again does nothing', async () => {
    await using subject = await setUp()
    const { files } = subject
    const { key } = await files.put(file(CONTENT))
    const other = await files.put(file('other'))
    await files.delete(key)
    await files.delete(key)
    expect([await files.head(key), await files.get(key)]).toEqual([null, null])
    expect(await files.head(other.key)).toEqual(other)
  })
  test('are found by keys alone: no other text leads anywhere', async () => {
    await using subject = await setUp()
    const { files } = subject
    const { key } = await files.put(file(CONTENT))
    const others = [`../${key}`, `${key}/`, `${key}/../${key}`, key.toUpperCase(), '', '..', 'f'.repeat(32)]
    for (const other of others) {
      if (other === key) continue
      expect([await files.head(other), await files.get(other)]).toEqual([null, null])
      await files.delete(other)
    }
    expect(await files.head(key)).not.toBeNull()
  })
  test('have keys that are never given twice, also when many are put at once', async () => {
    await using subject = await setUp()
    const { files } = subject
    const stored = await Promise.all(all.map((index) => files.put(file(`file ${index}`))))
    expect(new Set(stored.map(({ key }) => key)).size).toBe(all.length)
    const texts = stored.map(async ({ key }) => {
      const content = await files.get(key)
      return content && textOf(content.body)
    })
    expect(await Promise.all(texts)).toEqual(all.map((index) => `file ${index}`))
  })
  test('are not lost to readers that began before they were deleted', async () => {
    await using subject = await setUp()
    const { files } = subject
    const { key } = await files.put(file(CONTENT))
    const content = await files.get(key)
    await files.delete(key)
    expect(content && (await textOf(content.body))).toBe(CONTENT)
  })
  test('that nobody reads to the end hold nothing open', async () => {
    await using subject = await setUp()
    const { files } = subject
    const { key } = await files.put({ ...file('x'.repeat(500_000)), maxBytes: 1_000_000 })
    const content = await files.get(key)
    const reader = content?.body.getReader()
    await reader?.read()
    await reader?.cancel()
    expect((await files.head(key))?.size).toBe(500_000)
  })
})
