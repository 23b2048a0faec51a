import { testDatabaseUrl } from '@plinth/db/testing'
import { type TestS3, testS3 } from '@plinth/testing/outside'
import { expect, test } from 'vitest'
import { post, readyOf, startParts, statusOf, steadyLoad, until } from '../../test/load.ts'

const BOUND_MS = 3000

const env = (databaseUrl: string, { endpoint, bucket, credentials }: TestS3) => ({
  DATABASE_URL: databaseUrl,
  PLINTH_FILES_STORE: 's3',
  PLINTH_FILES_S3_ENDPOINT: endpoint,
  PLINTH_FILES_S3_BUCKET: bucket,
  PLINTH_FILES_S3_PATH_STYLE: 'true',
  PLINTH_FILES_S3_ACCESS_KEY_ID: credentials.accessKeyId,
  PLINTH_FILES_S3_SECRET_ACCESS_KEY: credentials.secretAccessKey,
  PLINTH_OUTSIDE_DEPENDENCIES: JSON.stringify({
    files: { timeoutMs: 400, deadlineMs: 1500, retries: 1, minimumCalls: 5, openMs: 300 },
  }),
})

const add = async (url: string) => {
  const body = new FormData()
  body.set('file', new File(['what is kept'], 'a.txt', { type: 'text/plain' }))
  const answer = await fetch(`${url}/api/v1/files`, { method: 'POST', body })
  return { status: answer.status, answer: (await answer.json()) as { key?: string; code?: string } }
}

const read = async (url: string, key: string) => {
  const answer = await fetch(`${url}/api/v1/files/${key}`)
  return { status: answer.status, retryAfter: answer.headers.get('retry-after'), text: await answer.text() }
}

test('S3 away and hanging under load: files are 503 in time, everything else goes on, and it heals by itself', async () => {
  const database = await testDatabaseUrl({})
  let s3 = await testS3()
  try {
    await using api = await startParts(env(database.url, s3))
    const { url } = api
    const { answer } = await add(url)
    const key = answer.key ?? ''
    await using others = steadyLoad(
      async (index) =>
        index % 4 === 0 ? (await post(`${url}/api/v1/notes`)).status : statusOf(`${url}/api/v1/count`),
      4,
    )
    await using files = steadyLoad(
      async (index) => (index % 3 === 0 ? await add(url) : await read(url, key)).status,
      4,
    )
    const served = () => files.count(200)
    const refused = async (what: string) => {
      const before = files.count(503)
      await until(what, () => files.count(503) > before + 30)
      expect(await readyOf(url, 'files')).toMatch(/^200 degraded, files down/)
    }
    const heals = async () => {
      const before = served()
      await until('files again', () => served() > before + 30)
      await until('it says so', async () => (await readyOf(url, 'files')) === '200 up, files up')
    }

    await heals()
    const port = Number(new URL(s3.endpoint).port)
    await s3[Symbol.asyncDispose]()
    await refused('no files while it is away')
    const { status, retryAfter, text } = await read(url, key)
    expect([status, retryAfter, JSON.parse(text)]).toMatchObject([503, '1', { code: 'UNAVAILABLE' }])
    const objects = [...s3.objects]
    s3 = await testS3(Date.now, port)
    for (const [name, object] of objects) s3.objects.set(name, object)
    await heals()

    s3.hangs = true
    await refused('no files while it hangs')
    s3.hangs = false
    await heals()

    await Promise.all([files.stop(), others.stop()])
    expect(files.statuses()).toEqual(new Set([200, 503]))
    expect(files.slowest()).toBeLessThan(BOUND_MS)
    expect(others.statuses()).toEqual(new Set([200]))
    // What was said to be kept is there, whole.
    expect(await read(url, key)).toMatchObject({ status: 200, text: 'what is kept' })
  } finally {
    await s3[Symbol.asyncDispose]()
    await database.dispose()
  }
}, 60_000)
