import { deflateSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { checkFileType } from './type.ts'

const PNG = Buffer.concat([
  Buffer.from('89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c489', 'hex'),
  Buffer.from('0000000a49444154', 'hex'),
  deflateSync(Buffer.alloc(5)),
])
const JPEG = Buffer.from('ffd8ffe000104a46494600010100000100010000ffdb', 'hex')
const PDF = Buffer.from('%PDF-1.7\n%\u00e2\u00e3\u00cf\u00d3\n')
const HTML = Buffer.from('<!doctype html><script>alert(1)</script>')
const IMAGES = ['image/png', 'image/jpeg']

const check = (begin: Uint8Array, declared: string, allowed: readonly string[]) =>
  checkFileType({ path: 'photo', begin, declared }, allowed)

test('a file is what it begins like, where it says so and that is allowed', async () => {
  expect(await check(PNG, 'image/png', IMAGES)).toBe('image/png')
  expect(await check(JPEG, 'IMAGE/JPEG; q=1', IMAGES)).toBe('image/jpeg')
  expect(await check(PDF, 'application/pdf', ['application/pdf'])).toBe('application/pdf')
})

test('text has no signature: it is what it says, if it is text', async () => {
  const csv = Buffer.from('name;price\nGrüße;3')
  expect(await check(csv, 'text/csv', ['text/csv'])).toBe('text/csv')
  // A piece may end within a character.
  expect(await check(csv.subarray(0, 14), 'text/csv', ['text/csv'])).toBe('text/csv')
  for (const binary of [Buffer.from([1, 0, 2]), Buffer.from([0xff, 0xfe, 0x41]), PNG])
    await expect(check(binary, 'text/csv', ['text/csv'])).rejects.toMatchObject({ status: 415 })
})

test.each([
  ['says another type than it is', JPEG, 'image/png'],
  ['says that it is an image and is a page', HTML, 'image/png'],
  ['is of a type that is not allowed', PDF, 'application/pdf'],
  ['is empty', Buffer.alloc(0), 'image/png'],
  ['says nothing', PNG, ''],
  ['says that it is anything', PNG, 'application/octet-stream'],
  [
    'is a drawing that can run scripts',
    Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'),
    'image/png',
  ],
])('a file that %s is refused with the types that are accepted', async (_, begin, declared) => {
  await expect(check(begin, declared, IMAGES)).rejects.toMatchObject({
    code: 'UNSUPPORTED_MEDIA_TYPE',
    status: 415,
    errors: [{ path: 'photo', message: expect.stringContaining('accepted are image/png, image/jpeg') }],
  })
})
