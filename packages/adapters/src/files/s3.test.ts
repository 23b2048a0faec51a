import { randomBytes } from 'node:crypto'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type TestS3, testS3 } from '@plinth/testing/outside'
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest'
import { filesOver, pieces } from '../../test/files.ts'
import { outsideError } from '../../test/outside.ts'

let server: TestS3
let now = 0
beforeEach(async () => {
  now = 0
  server = await testS3(() => Date.now() + now)
})
afterEach(() => server[Symbol.asyncDispose]())

const file = (text: string) => ({ content: pieces(text), contentType: 'text/plain', maxBytes: 100 })

test('an object has its type, its hash and a name of ours, and its bytes are the file and nothing else', async () => {
  const files = await filesOver(server)
  const { key, sha256 } = await files.put(file('content'))
  expect([...server.objects]).toEqual([
    [`plinth/${key}`, { body: Buffer.from('content'), contentType: 'text/plain', metadata: { sha256 } }],
  ])
})

test('a wrong secret, and an unknown key, are refused by the store and are for the operator to mend', async () => {
  for (const own of [{ secretAccessKey: 'wrong' }, { accessKeyId: 'NOBODY' }]) {
    const files = await filesOver(server, own)
    const error = await outsideError(files.put(file('content')))
    expect([error.kind, error.permanent]).toEqual(['unavailable', false])
    expect((await outsideError(files.get('a'.repeat(32)))).kind).toBe('unavailable')
  }
  expect(server.objects.size).toBe(0)
})

test('a store that asks to slow down is asked again, with the whole content', async () => {
  const files = await filesOver(server)
  server.slowDowns = 2
  const { key } = await files.put(file('content'))
  expect(server.requests).toEqual(['PUT', 'PUT', 'PUT'])
  expect(server.objects.get(`plinth/${key}`)?.body.toString()).toBe('content')
  server.slowDowns = 9
  expect((await outsideError(files.head(key))).kind).toBe('unavailable')
  expect(server.slowDowns).toBe(6)
})

test('a store that does not answer is given up in time, and one that is absent is unavailable', async () => {
  const files = await filesOver(server, {}, { timeoutMs: 40, retries: 0 })
  server.hangs = true
  expect((await outsideError(files.head('a'.repeat(32)))).kind).toBe('timed-out')
  await server[Symbol.asyncDispose]()
  expect((await outsideError(files.head('a'.repeat(32)))).kind).toBe('unavailable')
})

test('nothing stays on our disk of what was put, nor of what could not be put', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-spooled-'))
  vi.stubEnv('TMPDIR', folder)
  onTestFinished(() => {
    vi.unstubAllEnvs()
    return rm(folder, { recursive: true })
  })
  const files = await filesOver(server)
  await files.put(file('content'))
  server.slowDowns = 3
  await outsideError(files.put(file('content')))
  expect(server.requests.length).toBeGreaterThan(1)
  expect(await readdir(folder)).toEqual([])
})

describe('a signed address', () => {
  const signed = async (inline = true) => {
    const files = await filesOver(server)
    const stored = await files.put({ ...file('content'), contentType: 'image/png' })
    return files.sign(stored, { expiresInMs: 60_000, filename: 'Grüße (1).png', inline })
  }
  test('gives the file to whoever has it, whole or in part, under the name that was asked for', async () => {
    const { url } = await signed()
    const whole = await fetch(url)
    expect([whole.status, await whole.text()]).toEqual([200, 'content'])
    expect(whole.headers.get('content-type')).toBe('image/png')
    expect(whole.headers.get('content-disposition')).toBe(
      "inline; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%281%29.png",
    )
    const part = await fetch(url, { headers: { range: 'bytes=3-' } })
    expect([part.status, await part.text()]).toEqual([206, 'tent'])
    expect((await fetch((await signed(false)).url)).headers.get('content-disposition')).toMatch(/^attachment/)
  })
  test('is no good once it was changed, for another file, for writing, or after its time', async () => {
    const { url } = await signed()
    const other = await signed()
    const key = new URL(other.url).pathname
    const changed = [
      url.replace(/\/plinth\/[0-9a-f]{32}/, `/plinth/${key.slice(-32)}`),
      url.replace('inline', 'attachment'),
      url.replace(/X-Amz-Expires=\d+/, 'X-Amz-Expires=604800'),
      url.replace(/X-Amz-Signature=\w+/, `X-Amz-Signature=${randomBytes(32).toString('hex')}`),
      url.replace(/&X-Amz-Signature=\w+/, ''),
    ]
    expect(new Set(changed).size).toBe(changed.length)
    for (const wrong of changed) expect((await fetch(wrong)).status).toBe(403)
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(403)
    now = 60_001
    expect((await fetch(url)).status).toBe(403)
    expect(server.objects.size).toBe(2)
  })
})
