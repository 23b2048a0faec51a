import { execFile } from 'node:child_process'
import { copyFile, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import openapiTS, { astToString } from 'openapi-typescript'
import type { Given, Journey } from './journey.ts'

const run = promisify(execFile)
const here = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url))

const CONFIG = {
  compilerOptions: {
    strict: true,
    noUncheckedIndexedAccess: true,
    exactOptionalPropertyTypes: true,
    target: 'es2024',
    lib: ['es2024', 'dom'],
    module: 'nodenext',
    allowImportingTsExtensions: true,
    types: [],
    noEmit: true,
  },
  include: ['*.ts', '*.mts'],
}

// Kept as text: in the workspace its types, which are generated, are not there to check it against.
const PROGRAM = here('client/program.mts.txt')

/** A project of its own with a client generated from a document, as somebody else would have it. */
export interface GeneratedClient extends AsyncDisposable {
  /** What TypeScript 6 says to the program and to further files; empty when all is well. */
  check(files?: Readonly<Record<string, string>>): Promise<string>
  journey(given: Given): Promise<Journey>
}

const MAIN = `
  import { journey } from './program.mts'
  console.log(JSON.stringify(await journey(JSON.parse(process.argv[1]))))
`

/** Generates the client of the document at an address, outside of the workspace. */
export const generateClient = async (url: string): Promise<GeneratedClient> => {
  const folder = await mkdtemp(join(tmpdir(), 'plinth-outside-'))
  const types = astToString(await openapiTS(new URL('/openapi.json', url)))
  await writeFile(join(folder, 'api.ts'), types)
  await writeFile(join(folder, 'package.json'), '{"type":"module"}')
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify(CONFIG))
  await copyFile(PROGRAM, join(folder, 'program.mts'))
  await symlink(here('node_modules'), join(folder, 'node_modules'))
  return {
    async check(files = {}) {
      for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
      const tsc = run(process.execPath, [here('node_modules/typescript/bin/tsc'), '-p', folder], {
        cwd: folder,
      })
      const { stdout } = await tsc.catch((error: { stdout: string }) => error)
      return stdout
    },
    async journey(given) {
      const args = ['--input-type=module', '--eval', MAIN, JSON.stringify(given)]
      const { stdout } = await run(process.execPath, args, { cwd: folder })
      return JSON.parse(stdout) as Journey
    },
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true }),
  }
}
