import { expect, test } from 'vitest'
import { contentDisposition } from './disposition.ts'

test('only what can not run anything is shown in place, and only where that was asked for', () => {
  expect(contentDisposition('image/png', { inline: true })).toBe('inline')
  expect(contentDisposition('image/png', {})).toBe('attachment')
  for (const type of [
    'text/html',
    'image/svg+xml',
    'application/xml',
    'text/plain',
    'image/png, text/html',
    '',
  ])
    expect(contentDisposition(type, { inline: true })).toBe('attachment')
})

test('no name breaks the header', () => {
  const nameOf = (filename: string) => contentDisposition('image/png', { filename })
  expect(nameOf('Grüße (1).png')).toBe("attachment; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%281%29.png")
  expect(nameOf('a"\r\nset-cookie: x=1\0\ud800*')).toMatch(/^attachment; filename\*=UTF-8''[\w%.-]+$/)
})
