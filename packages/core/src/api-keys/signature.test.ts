import { expect, test } from 'vitest'
import { canonicalText, isSignedWith, signatureOf } from './signature.ts'

const SECRET = 'plk_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA0000'
const parts = {
  method: 'POST',
  url: '/api/v1/tags?x=%C3%A9&y=1',
  body: Buffer.from('{"name":"Café"}'),
  timestamp: '1795253400',
  nonce: '0123456789abcdef',
}

test('what is signed, and the signature, stay as other programs make them', () => {
  expect(canonicalText(parts)).toBe(
    [
      'plinth-request-v1',
      'POST',
      '/api/v1/tags?x=%C3%A9&y=1',
      '659906f125d844f7081786e4a1cba739414e49a9b9061d80ce09c691b5f56602',
      '1795253400',
      '0123456789abcdef',
    ].join('\n'),
  )
  expect(signatureOf(parts, SECRET)).toBe(
    'v1=f52680b65a9138b6010eaca10906dcb6287f536f047a1ee70699ea2e1cac20bf',
  )
  expect(canonicalText({ ...parts, body: Buffer.alloc(0) })).toContain(
    '\ne3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\n',
  )
})

test('a signature is right for its secret and its request alone', () => {
  const signature = signatureOf(parts, SECRET)
  expect(isSignedWith(parts, signature, ['another', SECRET])).toBe(true)
  expect(isSignedWith(parts, signature, ['another'])).toBe(false)
  expect(isSignedWith(parts, signature, [])).toBe(false)
  const altered = { method: 'PUT', url: '/api/v1/tags', body: Buffer.from('{}'), timestamp: '1', nonce: 'x' }
  for (const [part, value] of Object.entries(altered))
    expect(isSignedWith({ ...parts, [part]: value }, signature, [SECRET]), part).toBe(false)
})
