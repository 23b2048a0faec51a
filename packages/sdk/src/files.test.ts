import { eventually } from '@plinth/db/testing'
import { expect, expectTypeOf, test } from 'vitest'
import type { TestRouter } from '../test/contract.ts'
import { faultProxy } from '../test/faults.ts'
import { surfaceServer } from '../test/servers.ts'
import { createClientOf } from './client.ts'
import { isPlinthError } from './errors.ts'
import { download, upload } from './files.ts'
import { recordingFetch } from './testing.ts'
import type { Progress } from './trace.ts'

const setUp = async (before?: Parameters<typeof recordingFetch>[0]) => {
  const server = await surfaceServer()
  const proxy = await faultProxy(server.url)
  const network = recordingFetch(before)
  const tokens = { accessToken: 'ada', refreshToken: 'ada' }
  const client = createClientOf<TestRouter>({
    url: proxy.url,
    tokens,
    fetch: network.fetch,
    retry: { baseMs: 1 },
  })
  const steps: Progress[] = []
  return {
    server,
    proxy,
    ...network,
    files: client.test.files,
    steps,
    onProgress: (progress: Progress) => void steps.push(progress),
    [Symbol.asyncDispose]: async () => {
      await proxy[Symbol.asyncDispose]()
      await server[Symbol.asyncDispose]()
    },
  }
}

const bytes = new Uint8Array(300_000).map((_, index) => index % 251)
const sum = bytes.reduce((all, byte) => all + byte, 0)
const file = new File([bytes], 'a "strange"\r\nname ü.bin', { type: 'application/x-plinth' })

test('a file goes up with its fields, and progress ends at the size of what was sent', async () => {
  await using world = await setUp()
  const { onProgress, steps } = world
  const answer = await upload(world.files.measure, { file, name: 'füür "Ada"' }, { onProgress })
  expectTypeOf(answer.bytes).toEqualTypeOf<number>()
  expect(answer).toMatchObject({ name: 'füür "Ada"', type: 'application/x-plinth', bytes: 300_000, sum })
  const last = steps.at(-1)
  expect(last?.loaded).toBe(last?.total)
  expect(last?.total).toBeGreaterThan(300_000)
  expect(steps.map(({ loaded }) => loaded)).toEqual(
    steps.map(({ loaded }) => loaded).toSorted((a, b) => a - b),
  )
  expect(steps.length).toBeGreaterThan(2)
})

test('with and without progress the same arrives', async () => {
  await using world = await setUp()
  const plain = await upload(world.files.measure, { file, name: 'x' })
  expect(await upload(world.files.measure, { file, name: 'x' }, { onProgress: world.onProgress })).toEqual(
    plain,
  )
  expect(plain.filename).toContain('strange')
})

test('an upload is never sent again by itself, and takes as long as it takes', async () => {
  await using world = await setUp()
  world.proxy.next('reset')
  const { onProgress } = world
  await expect(upload(world.files.measure, { file, name: 'x' }, { onProgress })).rejects.toMatchObject({
    reason: 'network',
  })
  world.proxy.next({ status: 503 })
  await expect(upload(world.files.measure, { file, name: 'x' })).rejects.toMatchObject({ status: 503 })
  expect(world.proxy.passed).toHaveLength(2)
  world.proxy.next('silence')
  const late = upload(world.files.measure, { file, name: 'x' }, { timeoutMs: 50, onProgress })
  await expect(late).rejects.toMatchObject({ reason: 'timeout' })
})

test('an upload is aborted in its middle', async () => {
  await using world = await setUp()
  const stop = new AbortController()
  const { signal } = stop
  const onProgress = (progress: Progress) => {
    world.onProgress(progress)
    stop.abort()
  }
  const sending = upload(world.files.measure, { file, name: 'x' }, { signal, onProgress })
  await expect(sending).rejects.toMatchObject({ reason: 'abort' })
  expect(world.steps[0]?.loaded).toBeLessThan(world.steps[0]?.total ?? 0)
  expect(world.proxy.passed.length).toBeLessThan(2)
})

test('fields that the contract does not have do not compile', async () => {
  await using world = await setUp()
  // @ts-expect-error the name is missing
  const error: unknown = await upload(world.files.measure, { file }).catch((failure: unknown) => failure)
  expect(isPlinthError(error, 'INVALID_INPUT')).toBe(true)
})

test('a file comes down with its name, as a stream whose progress is told', async () => {
  await using world = await setUp()
  const { onProgress, steps } = world
  const report = await download(
    world.files.report,
    { title: 'Größe & Co', chunks: 5, everyMs: 0 },
    { onProgress },
  )
  expect([report.filename, report.contentType]).toEqual(['Größe & Co.txt', 'text/plain'])
  expect((await report.text()).length).toBe(50_000)
  expect(steps.at(-1)?.loaded).toBe(50_000)
  const again = await download(world.files.report, { title: 'x', chunks: 2, everyMs: 0 })
  expect(await again.blob()).toMatchObject({ size: 20_000, type: 'text/plain' })
  const streamed = await download(world.files.report, { title: 'x', chunks: 2, everyMs: 0 })
  let read = 0
  for await (const chunk of streamed.stream) read += chunk.length
  expect(read).toBe(20_000)
})

test('a download is aborted while its bytes come', async () => {
  await using world = await setUp()
  const stop = new AbortController()
  const { signal } = stop
  const { onProgress, steps } = world
  const report = await download(
    world.files.report,
    { title: 'x', chunks: 9999, everyMs: 1 },
    { signal, onProgress },
  )
  const reading = report.text().catch((failure: unknown) => failure)
  await eventually(() => expect(steps.length).toBeGreaterThan(1))
  stop.abort()
  expect(await reading).toMatchObject({ name: 'AbortError' })
})

test('a download that is refused is told as any refusal, with its request id', async () => {
  await using world = await setUp(({ path }) => {
    // Between the address and the bytes more time goes by than the address is good for.
    if (path.includes('/downloads/')) world.server.clock.advance(600_000)
    return undefined
  })
  const call = () => download(world.files.report, { title: 'x', chunks: 1, everyMs: 0 })
  const error: unknown = await call().catch((failure: unknown) => failure)
  expect(isPlinthError(error, 'NOT_FOUND')).toBe(true)
  expect(error).toMatchObject({ status: 404, requestId: world.sent.at(-1)?.headers['x-request-id'] })
  world.proxy.next({ status: 204 }, 'reset')
  await expect(call()).rejects.toMatchObject({ reason: 'unreadable' })
})

test('a download whose connection breaks is a network failure', async () => {
  await using world = await setUp(({ path }) => {
    if (path.includes('/downloads/')) world.proxy.next('reset')
    return undefined
  })
  const call = download(world.files.report, { title: 'x', chunks: 1, everyMs: 0 })
  const error: unknown = await call.catch((failure: unknown) => failure)
  const requestId = world.sent.at(-1)?.headers['x-request-id']
  expect(error).toMatchObject({ reason: 'network', status: null, requestId })
})
