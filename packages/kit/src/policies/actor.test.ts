import { createFakeClock } from '@plinth/testing'
import { expect, test } from 'vitest'
import type { Exchange } from '../exchange.ts'
import type { Authenticator } from '../ports.ts'
import { principalOf } from './actor.ts'

const clock = createFakeClock()

const asked = (headers: Readonly<Record<string, string>>) => {
  const tokens: string[] = []
  const authenticator: Authenticator = {
    async authenticate(token) {
      tokens.push(token)
      return 'TOKEN_UNKNOWN'
    },
  }
  const exchange = { header: (name: string) => headers[name], principal: undefined } as unknown as Exchange
  return { tokens, exchange, ask: () => principalOf(exchange, authenticator, clock) }
}

test('a bearer token counts before a cookie, whatever the case of its scheme', async () => {
  const { tokens, ask } = asked({ authorization: 'bearer abc', cookie: 'plinth_access=def' })
  expect(await ask()).toMatchObject({ source: 'bearer', refusal: 'TOKEN_UNKNOWN', actor: null })
  expect(tokens).toEqual(['abc'])
})

test('the cookie is found among others', async () => {
  const { tokens, ask } = asked({ cookie: 'a=b; plinth_access=def=; xplinth_access=evil' })
  expect(await ask()).toMatchObject({ source: 'cookie' })
  expect(tokens).toEqual(['def='])
})

test('without a credential nobody is asked', async () => {
  const { tokens, ask } = asked({ cookie: 'plinth_accessory=1' })
  expect(await ask()).toEqual({ actor: null, source: 'none', refusal: null })
  expect(tokens).toEqual([])
})

test('however many calls a request holds, its credential is looked up once', async () => {
  const { tokens, ask } = asked({ authorization: 'Bearer abc' })
  await Promise.all([ask(), ask(), ask()])
  expect(tokens).toEqual(['abc'])
})
