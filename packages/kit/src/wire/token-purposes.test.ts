import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createFolder } from '@plinth/adapters'
import { expect, test } from 'vitest'
import { thingsServer } from '../../test/server.ts'

const SECRET = 'one secret of 32 characters or more'

async function* once(text: string) {
  yield Buffer.from(text)
}

test('a signed address of a file fetches no download, and one of a download no file, under one secret', async () => {
  const path = await mkdtemp(join(tmpdir(), 'plinth-purposes-'))
  try {
    await using server = await thingsServer({ PLINTH_SECRET: SECRET, PLINTH_FILES_FOLDER: path })
    const folder = createFolder({ path, secret: SECRET, clock: server.clock, baseUrl: '' })
    const stored = await folder.put({ content: once('of a file'), contentType: 'image/png', maxBytes: 100 })
    const file = await folder.sign(stored, { expiresInMs: 60_000 })
    const download = await server.as('ada').shop.things.manual.query()
    const tokenOf = ({ url }: { url: string }) => url.split('/').at(-1)
    const fetched = async (address: string) => {
      const { status, text } = await server.rest('GET', address)
      return [status, status === 200 ? text : '']
    }
    expect(await fetched(file.url)).toEqual([200, 'of a file'])
    expect(await fetched(download.url)).toEqual([200, 'read me'])
    expect(await fetched(`/files/${tokenOf(download)}`)).toEqual([404, ''])
    expect(await fetched(`/api/v1/downloads/${tokenOf(file)}`)).toEqual([404, ''])
  } finally {
    await rm(path, { recursive: true })
  }
})
