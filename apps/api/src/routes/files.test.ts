import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { adapterMigrations } from '@plinth/adapters'
import { eventually } from '@plinth/db/testing'
import { bind, type Files, kitMigrations, type SignOptions } from '@plinth/kit'
import { type TestServer, testServer } from '@plinth/testing'
import { testS3 } from '@plinth/testing/outside'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { faults } from '../../test/faults.ts'

const surfaceWith = (tell: (files: Files) => void): Parameters<typeof testServer>[0]['surface'] => {
  return ({ files }) => {
    tell(files)
    return {
      bound: bind({}, {}),
      subscribers: [],
      authenticator: { authenticate: async () => 'TOKEN_UNKNOWN' as const },
    }
  }
}
const migrations = { ...kitMigrations, ...adapterMigrations }

let server: TestServer
let files: Files
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'plinth-files-'))
  const surface = surfaceWith((made) => {
    files = made
  })
  server = await testServer({ migrations, surface, env: { PLINTH_FILES_FOLDER: folder } })
})
afterAll(async () => {
  await server[Symbol.asyncDispose]()
  await rm(folder, { recursive: true })
})

async function* once(text: string) {
  yield Buffer.from(text)
}

const signed = async (text: string, contentType = 'image/png', options: Partial<SignOptions> = {}) => {
  const stored = await files.put({ content: once(text), contentType, maxBytes: 1_000_000 })
  const { url } = await files.sign(stored, { expiresInMs: 60_000, ...options })
  return { stored, url: server.url + url }
}
const get = async (url: string, headers: Record<string, string> = {}, method = 'GET') => {
  const response = await fetch(url, { method, headers })
  return { status: response.status, headers: response.headers, text: await response.text() }
}

describe('a signed address', () => {
  test('gives the file to whoever has it, and nothing in it can run', async () => {
    const { url, stored } = await signed('0123456789', 'image/png', { filename: 'Bild.png', inline: true })
    const { status, headers, text } = await get(url)
    expect([status, text]).toEqual([200, '0123456789'])
    // Told when the last byte is out.
    await eventually(() =>
      expect(server.logged).toContainEqual(expect.objectContaining({ path: '/files/[masked]', status: 200 })),
    )
    expect(JSON.stringify(server.logged)).not.toContain(url.split('/').at(-1))
    expect(Object.fromEntries(headers)).toMatchObject({
      'content-type': 'image/png',
      'content-length': '10',
      'content-disposition': "inline; filename*=UTF-8''Bild.png",
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringContaining('sandbox'),
      'cross-origin-resource-policy': 'cross-origin',
      'accept-ranges': 'bytes',
      'cache-control': 'private, no-cache',
      etag: `"${stored.sha256.slice(0, 32)}"`,
    })
    const page = await get((await signed('<script>', 'text/html', { inline: true })).url)
    expect(page.headers.get('content-disposition')).toBe('attachment')
  })
  test('gives parts of the file, as players and broken downloads ask for them', async () => {
    const { url } = await signed('0123456789', 'video/mp4')
    const part = async (range: string, more = {}) => {
      const { status, headers, text } = await get(url, { range, ...more })
      return [status, text, headers.get('content-range'), headers.get('content-length')]
    }
    expect(await part('bytes=0-3')).toEqual([206, '0123', 'bytes 0-3/10', '4'])
    expect(await part('bytes=-2')).toEqual([206, '89', 'bytes 8-9/10', '2'])
    expect(await part('bytes=9-99')).toEqual([206, '9', 'bytes 9-9/10', '1'])
    expect(await part('bytes=0-1,5-6')).toEqual([200, '0123456789', null, '10'])
    expect(await part('bytes=1-', { 'if-range': '"another"' })).toEqual([200, '0123456789', null, '10'])
    const etag = (await get(url)).headers.get('etag')
    expect(await part('bytes=8-', { 'if-range': etag })).toEqual([206, '89', 'bytes 8-9/10', '2'])
  })
  test('says how large the file is to who asks beyond its end', async () => {
    const { url } = await signed('0123456789')
    const { status, headers, text } = await get(url, { range: 'bytes=10-' })
    expect([status, headers.get('content-range')]).toEqual([416, 'bytes */10'])
    expect(JSON.parse(text)).toMatchObject({ status: 416, code: 'RANGE_NOT_SATISFIABLE' })
  })
  test('answers HEAD, and 304 to who has the file already', async () => {
    const { url } = await signed('0123456789')
    const head = await get(url, {}, 'HEAD')
    expect([head.status, head.text, head.headers.get('content-length')]).toEqual([200, '', '10'])
    const etag = head.headers.get('etag') ?? ''
    const known = await get(url, { 'if-none-match': etag })
    expect([known.status, known.text, known.headers.get('etag')]).toEqual([304, '', etag])
  })
  test('gives empty and large files whole', async () => {
    expect(await get((await signed('')).url)).toMatchObject({ status: 200, text: '' })
    expect((await get((await signed('x'.repeat(900_000))).url)).text.length).toBe(900_000)
  })
  test('answers the same 404 when it was changed, is for nothing, or is over', async () => {
    const { url, stored } = await signed('0123456789')
    const [token = ''] = url.split('/').slice(-1)
    const missing = await files.sign({ key: 'a'.repeat(32), contentType: '' }, { expiresInMs: 60_000 })
    const wrong = [
      `${token}x`,
      'nonsense',
      'a.b',
      encodeURIComponent('../../etc/passwd'),
      missing.url.slice(7),
    ]
    for (const other of wrong) {
      const { status, text } = await get(`${server.url}/files/${other}`)
      expect([status, JSON.parse(text)]).toEqual([404, expect.objectContaining({ code: 'NOT_FOUND' })])
    }
    expect((await get(`${server.url}/files/${stored.key}`)).status).toBe(404)
    expect((await get(url, {}, 'POST')).status).toBe(405)
    server.clock.advance(60_000)
    expect((await get(url)).status).toBe(404)
  })
  test('of a file that was deleted answers 404', async () => {
    const { url, stored } = await signed('0123456789')
    await files.delete(stored.key)
    expect((await get(url)).status).toBe(404)
  })
})

test('with S3 configured files go there, and this server answers no address of files', async () => {
  await using s3 = await testS3()
  let inBucket: Files | undefined
  await using other = await testServer({
    migrations,
    surface: surfaceWith((made) => {
      inBucket = made
    }),
    env: {
      PLINTH_FILES_STORE: 's3',
      PLINTH_FILES_S3_BUCKET: s3.bucket,
      PLINTH_FILES_S3_ENDPOINT: s3.endpoint,
      PLINTH_FILES_S3_PATH_STYLE: 'true',
      PLINTH_FILES_S3_ACCESS_KEY_ID: s3.credentials.accessKeyId,
      PLINTH_FILES_S3_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
    },
  })
  const stored = await inBucket?.put({ content: once('content'), contentType: 'text/plain', maxBytes: 100 })
  if (!inBucket || !stored) throw new Error('the surface was given no files')
  const { url } = await inBucket.sign(stored, { expiresInMs: 60_000 })
  expect(url.startsWith(s3.endpoint)).toBe(true)
  expect((await get(url)).text).toBe('content')
  expect(await get(`${other.url}/files/x`)).toMatchObject({ status: 404 })
  const { body } = await other.rest('GET', '/ready')
  expect(body).toMatchObject({
    checks: expect.arrayContaining([expect.objectContaining({ name: 'files', state: 'up' })]),
  })
})

test('what the file store lacks is said at the start', () => {
  expect(faults({ PLINTH_FILES_STORE: 's3' })).toContain(
    'files.s3.bucket (PLINTH_FILES_S3_BUCKET): is needed',
  )
  expect(faults({ PLINTH_FILES_S3_ACCESS_KEY_ID: 'half' })).toContain('PLINTH_FILES_S3_SECRET_ACCESS_KEY')
  expect(faults({ PLINTH_FILES_S3_PREFIX: '../up' })).toContain('PLINTH_FILES_S3_PREFIX')
})
