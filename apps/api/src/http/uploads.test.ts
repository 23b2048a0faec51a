import { once } from 'node:events'
import { connect } from 'node:net'
import { adapterMigrations } from '@plinth/adapters'
import { type RouterOf, upload } from '@plinth/contract'
import { bind, implementer, type KitTables, kitMigrations } from '@plinth/kit'
import { type TestServer, testServer } from '@plinth/testing'
import { createTRPCClient, httpLink, TRPCClientError } from '@trpc/client'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { z } from 'zod'

const photos = {
  add: upload({
    summary: 'Add a photo',
    access: 'public',
    audit: false,
    rest: 'POST /photos',
    input: z.strictObject({
      photo: z.file().max(2_000_000).mime(['image/png', 'image/jpeg']),
      list: z.file().max(1000).mime(['text/csv']).optional(),
      title: z.string().max(20),
    }),
    output: z.object({ type: z.string(), bytes: z.int(), title: z.string() }),
  }),
  keep: upload({
    summary: 'Keep anything',
    access: 'public',
    audit: false,
    rest: 'POST /things',
    input: z.strictObject({ thing: z.file() }),
    output: z.object({ bytes: z.int() }),
  }),
}
const contract = { shop: { photos } }

let server: TestServer
let handled = 0
beforeAll(async () => {
  const handlers = implementer<KitTables>()(photos, {
    async add({ input }) {
      handled += 1
      return { type: input.photo.type, bytes: input.photo.size, title: input.title }
    },
    keep: async ({ input }) => ({ bytes: input.thing.size }),
  })
  server = await testServer({
    migrations: { ...kitMigrations, ...adapterMigrations },
    env: { PLINTH_HTTP_MAX_BODY_BYTES: '100000', PLINTH_FILES_MAX_UPLOAD_BYTES: '1500000' },
    surface: () => ({
      bound: bind(contract, { shop: { photos: handlers } }),
      subscribers: [],
      authenticator: { authenticate: async () => 'TOKEN_UNKNOWN' as const },
    }),
  })
})
afterAll(() => server[Symbol.asyncDispose]())

const png = (bytes = 100): Buffer<ArrayBuffer> =>
  Buffer.concat([
    Buffer.from('89504e470d0a1a0a0000000d4948445200000001000000010806000000', 'hex'),
    Buffer.alloc(bytes - 29),
  ])

const form = (fields: Readonly<Record<string, File | string>>): FormData => {
  const data = new FormData()
  for (const [name, value] of Object.entries(fields)) data.set(name, value)
  return data
}
const photo = (bytes: Uint8Array<ArrayBuffer> = png(), type = 'image/png') =>
  new File([bytes], 'a.png', { type })

const post = async (body: FormData, path = '/api/v1/photos') => {
  const { status, body: answer } = await server.rest('POST', path, { body })
  return { status, ...(answer as { code?: string; errors?: { path: string; message: string }[] }) }
}

test('a form may be as large as the contract allows its files, beyond what other bodies may be', async () => {
  const body = form({ photo: photo(png(1_200_000)), title: 'Sun' })
  expect(await post(body)).toEqual({ status: 200, type: 'image/png', bytes: 1_200_000, title: 'Sun' })
  const client = createTRPCClient<RouterOf<typeof contract>>({
    links: [httpLink({ url: `${server.url}/trpc` })],
  })
  expect(await client.shop.photos.add.mutate(body)).toMatchObject({ bytes: 1_200_000 })
})

test('and no larger than the server allows, nor than other bodies where the contract says nothing', async () => {
  const large = form({ photo: photo(png(1_600_000)), title: 'Sun' })
  expect(await post(large)).toMatchObject({ status: 413, code: 'TOO_LARGE' })
  const thing = (bytes: number) =>
    post(form({ thing: new File([new Uint8Array(bytes)], 'x') }), '/api/v1/things')
  expect(await thing(90_000)).toMatchObject({ status: 200, bytes: 90_000 })
  expect(await thing(110_000)).toMatchObject({ status: 413 })
})

test('a file that is larger than its own bound is named', async () => {
  const list = new File(['x'.repeat(1001)], 'a.csv', { type: 'text/csv' })
  expect(await post(form({ photo: photo(), list, title: 'Sun' }))).toMatchObject({
    status: 413,
    errors: [{ path: 'list', message: 'is larger than 1000 bytes' }],
  })
})

test.each([
  [
    'says that it is of another type',
    photo(png(), 'image/gif'),
    'is image/gif; accepted are image/png, image/jpeg',
  ],
  ['is not what it says', photo(png(), 'image/jpeg'), 'is not image/jpeg, as it says'],
  [
    'is a page that says it is an image',
    photo(Buffer.from('<html><script>'), 'image/png'),
    'is not image/png',
  ],
])('a file that %s is refused with 415, over both wires', async (_, file, message) => {
  const before = handled
  const body = form({ photo: file, title: 'Sun' })
  const { status, errors } = await post(body)
  expect([status, errors]).toEqual([415, [{ path: 'photo', message: expect.stringContaining(message) }]])
  const client = createTRPCClient<RouterOf<typeof contract>>({
    links: [httpLink({ url: `${server.url}/trpc` })],
  })
  const error: unknown = await client.shop.photos.add.mutate(body).catch((reason: unknown) => reason)
  expect(error instanceof TRPCClientError && (error.data as { httpStatus: number }).httpStatus).toBe(415)
  expect(handled).toBe(before)
})

test('a file that nobody asked for, or one given twice, is refused by its name', async () => {
  expect(await post(form({ photo: photo(), other: photo(), title: 'Sun' }))).toMatchObject({
    status: 422,
    errors: [{ path: 'other', message: 'is not a file that is expected here' }],
  })
  const twice = form({ photo: photo(), title: 'Sun' })
  twice.append('photo', photo())
  expect(await post(twice)).toMatchObject({
    status: 422,
    errors: [{ path: 'photo', message: 'is given twice' }],
  })
})

/** Sends the begin of a request and gives the answer to it, while the rest is still to come. */
const begin = async (body: string, length: number): Promise<string> => {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  const head = [
    'POST /api/v1/photos HTTP/1.1',
    'host: localhost',
    'content-type: multipart/form-data; boundary=b',
    `content-length: ${length}`,
  ]
  socket.write(`${head.join('\r\n')}\r\n\r\n${body}`)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  socket.destroy()
  return answer.toString('latin1')
}
const part = (name: string, type: string) =>
  `--b\r\ncontent-disposition: form-data; name="${name}"; filename="a"\r\ncontent-type: ${type}\r\n\r\n`

test('what is wrong by its header is refused before its content has come', async () => {
  expect(await begin(`${part('photo', 'text/html')}x`, 1_000_000)).toMatch(/^HTTP\/1.1 415 /)
  expect(await begin(`${part('other', 'image/png')}x`, 1_000_000)).toMatch(/^HTTP\/1.1 422 /)
  expect(await begin(`${part('list', 'text/csv')}${'x'.repeat(1100)}`, 1_000_000)).toMatch(/^HTTP\/1.1 413 /)
  expect(await begin('', 9_000_000)).toMatch(/^HTTP\/1.1 413 /)
})

test('a form without a boundary is malformed', async () => {
  const headers = { 'content-type': 'multipart/form-data' }
  const { status, body } = await server.rest('POST', '/api/v1/photos', { body: 'x', headers })
  expect([status, body]).toEqual([400, expect.objectContaining({ code: 'MALFORMED_REQUEST' })])
})

test('a client that hangs up in the middle of a form leaves nothing at work', async () => {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1')
  const head = 'POST /api/v1/photos HTTP/1.1\r\nhost: x\r\ncontent-length: 90000\r\n'
  socket.write(`${head}content-type: multipart/form-data; boundary=b\r\n\r\n${part('photo', 'image/png')}x`)
  await vi.waitUntil(() => server.composed.app.inFlight() === 1)
  socket.destroy()
  await vi.waitUntil(() => server.composed.app.inFlight() === 0)
})

test('after a form that was refused the server answers as before', async () => {
  expect(await post(form({ photo: photo(), title: 'Sun' }))).toMatchObject({ status: 200 })
})

test('a form that is cut off anywhere is refused, and the server lives on', async () => {
  const whole = [
    '--B',
    'Content-Disposition: form-data; name="title"\r\n',
    'Sun',
    '--B',
    'Content-Disposition: form-data; name="thing"; filename="x.txt"',
    'Content-Type: text/plain\r\n',
    'content',
    '--B--\r\n',
  ].join('\r\n')
  const headers = { 'content-type': 'multipart/form-data; boundary=B' }
  for (let length = 0; length < whole.length - 3; length++) {
    const body = whole.slice(0, length)
    const { status } = await server.rest('POST', '/api/v1/things', { body, headers })
    expect([400, 422], `cut off after ${length}`).toContain(status)
  }
})
