import { mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { readConfig } from './config.ts'
import { withSecret } from './own-secret.ts'

const DEFAULT = readConfig({}).database.url

const newFolder = async (): Promise<string> => {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-secret-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}
const secretIn = (folder: string, env = {}) =>
  withSecret(readConfig({ DATABASE_URL: DEFAULT.replace('.data', folder), ...env })).secret

test('a server without a secret of its own has the same one after each restart, beside its data and for its user alone', async () => {
  const folder = join(await newFolder(), 'not-there-yet')
  const secret = secretIn(folder)
  expect(secret).toMatch(/^[0-9a-f]{64}$/)
  expect(secretIn(folder)).toBe(secret)
  expect(secretIn(await newFolder())).not.toBe(secret)
  expect((await stat(join(folder, 'secret'))).mode & 0o777).toBe(0o600)
  expect(await readdir(folder)).toEqual(['secret'])
})

test('a secret that is given is taken, and none is kept', async () => {
  const folder = await newFolder()
  const given = 's'.repeat(40)
  expect(secretIn(folder, { PLINTH_SECRET: given })).toBe(given)
  expect(await readdir(folder)).toEqual([])
})
