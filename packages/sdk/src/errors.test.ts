import type { ErrorCode } from '@plinth/contract'
import { testApp } from '@plinth/testing'
import { expect, expectTypeOf, test } from 'vitest'
import { createClient } from './client.ts'
import { fieldErrors, isPlinthError, type PlinthError } from './errors.ts'

const failureOf = (call: Promise<unknown>): Promise<unknown> =>
  call.then(
    () => undefined,
    (error: unknown) => error,
  )

test('an error of the server is told by its code and carries the request id', async () => {
  await using app = await testApp()
  const client = createClient({ url: app.url })
  const error = await failureOf(client.core.accounts.get.query())
  expect(isPlinthError(error)).toBe(true)
  expect(isPlinthError(error, 'NOT_SIGNED_IN')).toBe(true)
  expect(isPlinthError(error, 'FORBIDDEN', 'NOT_SIGNED_IN')).toBe(true)
  expect(isPlinthError(error, 'ALREADY_VERIFIED')).toBe(false)
  if (!isPlinthError(error)) throw new Error('unreachable')
  expect(error.data).toMatchObject({ httpStatus: 401, requestId: expect.stringMatching(/./) as string })
})

test('a network that fails, an aborted call and other errors are not errors of the server', async () => {
  const client = createClient({
    url: 'http://localhost',
    fetch: () => Promise.reject(new TypeError('offline')),
    retry: false,
  })
  const offline = await failureOf(client.core.accounts.get.query())
  expect(offline).toBeInstanceOf(Error)
  for (const error of [
    offline,
    new Error('other'),
    null,
    'text',
    { data: { code: 'NOT_FOUND', requestId: '1' } },
  ]) {
    expect(isPlinthError(error)).toBe(false)
    expect(fieldErrors(error)).toEqual({})
  }
})

test('what is wrong with the input is told by field', async () => {
  await using app = await testApp()
  const client = createClient({ url: app.url })
  const error = await failureOf(
    client.core.accounts.register.mutate({ email: 'no address', password: 'short', name: 'Ada' }),
  )
  expect(isPlinthError(error, 'INVALID_INPUT')).toBe(true)
  expect(Object.keys(fieldErrors(error)).toSorted()).toEqual(['email', 'password'])
})

test('the code is narrowed to what was asked for, and codes that do not exist do not compile', () => {
  const error: unknown = null
  if (isPlinthError(error, 'ALREADY_VERIFIED'))
    expectTypeOf(error.data.code).toEqualTypeOf<'ALREADY_VERIFIED'>()
  if (isPlinthError(error, 'NOT_FOUND', 'FORBIDDEN'))
    expectTypeOf(error.data.code).toEqualTypeOf<'NOT_FOUND' | 'FORBIDDEN'>()
  if (isPlinthError(error)) expectTypeOf(error.data.code).toEqualTypeOf<ErrorCode>()
  expectTypeOf<PlinthError['data']['requestId']>().toEqualTypeOf<string>()
  // @ts-expect-error there is no such code
  isPlinthError(error, 'NO_SUCH_CODE')
})
