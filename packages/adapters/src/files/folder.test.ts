import { mkdir, readdir, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { pieces, testFolder } from '../../test/files.ts'

const file = (text: string) => ({ content: pieces(text), contentType: 'image/png', maxBytes: 100 })

test('a file that was refused leaves nothing behind, and one that is kept stands where its key says', async () => {
  await using folder = await testFolder()
  const { files, path } = folder
  await expect(files.put({ ...file('content'), maxBytes: 3 })).rejects.toMatchObject({ code: 'TOO_LARGE' })
  const { key } = await files.put(file('content'))
  expect(await readdir(join(path, 'unfinished'))).toEqual([])
  expect((await readdir(path)).sort()).toEqual([key.slice(0, 2), 'unfinished'].sort())
  expect((await readdir(join(path, key.slice(0, 2), key))).sort()).toEqual(['content', 'meta.json'])
})

test('what a writer left behind is removed a day later, and what is being written is not', async () => {
  await using folder = await testFolder()
  const { files, path, clock } = folder
  for (const name of ['old', 'new']) {
    await mkdir(join(path, 'unfinished', name), { recursive: true })
    await writeFile(join(path, 'unfinished', name, 'content'), 'half')
  }
  const dayAgo = new Date(clock.now().getTime() - 25 * 3_600_000)
  await utimes(join(path, 'unfinished', 'old'), dayAgo, dayAgo)
  await files.put(file('content'))
  expect(await readdir(join(path, 'unfinished'))).toEqual(['new'])
})

test('a signed address stands for its file until its time, and for nothing once it was changed', async () => {
  await using folder = await testFolder()
  const { files, clock } = folder
  const stored = await files.put(file('content'))
  const { url, expiresAt } = await files.sign(stored, {
    expiresInMs: 60_000,
    filename: 'a.png',
    inline: true,
  })
  expect(url).toMatch(/^\/files\/[\w-]+\.[\w-]+$/)
  expect(new Date(expiresAt).getTime() - clock.now().getTime()).toBe(60_000)
  const token = url.slice('/files/'.length)
  expect(files.redeem(token)).toEqual({ key: stored.key, filename: 'a.png', inline: true })
  const [text = '', signature = ''] = token.split('.')
  const later = Buffer.from(
    Buffer.from(text, 'base64url')
      .toString()
      .replace(/\d{13}/, '9999999999999'),
  )
  for (const forged of [
    `${later.toString('base64url')}.${signature}`,
    `${text}.`,
    `${text}.${signature}x`,
    text,
    '',
    '.',
    `${text}.${Buffer.alloc(32).toString('base64url')}`,
  ])
    expect(files.redeem(forged)).toBeNull()
  clock.advance(60_000)
  expect(files.redeem(token)).toBeNull()
})
