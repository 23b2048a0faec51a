import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createDb } from '../database.ts'
import { type Migrations, migrate } from '../migrate.ts'
import { fingerprint, type TestUrl } from './templates.ts'

const PREFIX = 'plinth-test-'
const DAY_MS = 86_400_000

const remove = (path: string) => rmSync(path, { recursive: true, force: true })

// A run that was killed leaves its folders behind.
const removeLeftovers = () => {
  for (const name of readdirSync(tmpdir()).filter((entry) => entry.startsWith(PREFIX))) {
    const folder = join(tmpdir(), name)
    const made = statSync(folder, { throwIfNoEntry: false })?.mtimeMs
    if (made !== undefined && made < Date.now() - DAY_MS) remove(folder)
  }
}

const ownFolder = () => mkdtempSync(join(tmpdir(), PREFIX))

const makeTemplate = async (migrations: Migrations): Promise<Buffer> => {
  removeLeftovers()
  const folder = ownFolder()
  const path = join(folder, 'template.db')
  try {
    const db = await createDb({ url: `sqlite:${path}`, synchronous: 'normal' })
    try {
      await migrate(db, migrations)
    } finally {
      await db.close()
    }
    return readFileSync(path)
  } finally {
    remove(folder)
  }
}

// Kept as bytes and not as a file, because a test worker may end without a chance to remove one.
const templates = new Map<string, Promise<Buffer>>()

/** Writes a copy of the migrated template, which is made once per process. */
export const copyTemplate = async (migrations: Migrations): Promise<TestUrl> => {
  const print = fingerprint(migrations)
  let template = templates.get(print)
  if (!template) {
    template = makeTemplate(migrations)
    templates.set(print, template)
  }
  const bytes = await template
  const folder = ownFolder()
  const path = join(folder, 'test.db')
  writeFileSync(path, bytes)
  return { url: `sqlite:${path}`, dispose: async () => remove(folder) }
}
