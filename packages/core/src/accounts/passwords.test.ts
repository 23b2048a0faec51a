import { expect, test } from 'vitest'
import { createPasswords } from './passwords.ts'

const cheap = { memoryCost: 64, timeCost: 1, parallelism: 1 }
const PASSWORD = 'correct horse battery'

test('a password matches its own hash alone, and two hashes of it differ', async () => {
  const passwords = createPasswords(cheap)
  const [one, other] = await Promise.all([passwords.hash(PASSWORD), passwords.hash(PASSWORD)])
  expect(one).not.toBe(other)
  expect(one).toMatch(/^\$argon2id\$v=19\$m=64,t=1,p=1\$/)
  expect(await passwords.matches(one, PASSWORD)).toBe(true)
  expect(await passwords.matches(one, `${PASSWORD} `)).toBe(false)
})

test('a password matches however its accents are composed', async () => {
  const passwords = createPasswords(cheap)
  const stored = await passwords.hash('cr\u00e8me br\u00fbl\u00e9e')
  expect(await passwords.matches(stored, 'cre\u0300me bru\u0302le\u0301e')).toBe(true)
})

test('without a stored hash nothing matches, and the comparison is made at the same cost all the same', async () => {
  const cost = { memoryCost: 19_456, timeCost: 2, parallelism: 1 }
  const passwords = createPasswords(cost)
  const stored = await passwords.hash(PASSWORD)
  const time = async (hash: string | undefined) => {
    const started = performance.now()
    expect(await passwords.matches(hash, 'another password')).toBe(false)
    return performance.now() - started
  }
  const least = async (hash: string | undefined) =>
    Math.min(await time(hash), await time(hash), await time(hash), await time(hash))
  const [known, unknown] = [await least(stored), await least(undefined)]
  expect(unknown).toBeGreaterThan(known / 3)
  expect(unknown).toBeLessThan(known * 3)
})

test('a hash made at another cost is renewed, one at this cost is not', async () => {
  const stored = await createPasswords(cheap).hash(PASSWORD)
  expect(await createPasswords(cheap).renewed(stored, PASSWORD)).toBeNull()
  expect(await createPasswords({ ...cheap, timeCost: 2 }).renewed(stored, PASSWORD)).toContain('t=2')
})
