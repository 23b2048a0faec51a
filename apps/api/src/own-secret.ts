import { randomBytes } from 'node:crypto'
import { existsSync, linkSync, mkdirSync, readFileSync, unlinkSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileOf } from '@plinth/db'
import type { Settings } from './settings.ts'

const isError = (error: unknown, code: string): boolean =>
  error instanceof Error && 'code' in error && error.code === code

/** A secret that was made here once, and is read again at every start; whoever starts first makes it for all. */
const keptSecret = (path: string): string => {
  if (existsSync(path)) return readFileSync(path, 'utf8')
  mkdirSync(dirname(path), { recursive: true })
  // Linked when it is written: nobody reads half of it.
  const draft = `${path}.${process.pid}`
  writeFileSync(draft, randomBytes(32).toString('hex'), { mode: 0o600 })
  try {
    linkSync(draft, path)
  } catch (error) {
    if (!isError(error, 'EEXIST')) throw error
  }
  unlinkSync(draft)
  return readFileSync(path, 'utf8')
}

/**
 * Settings with a secret: in production it must be given, elsewhere one is kept beside the data, so that what was
 * signed and sealed before a restart is good after it.
 */
export const withSecret = (settings: Settings): Settings => {
  if (settings.secret !== undefined) return settings
  const file = fileOf(settings.database.url)
  return { ...settings, secret: keptSecret(join(file === null ? '.data' : dirname(file), 'secret')) }
}
