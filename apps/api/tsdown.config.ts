import { createRequire } from 'node:module'
import { dirname, relative } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { defineConfig } from 'tsdown'

const dist = fileURLToPath(new URL('dist/', import.meta.url))
const fromDist = (path: string): string => relative(dist, path)

/** What holds machine code, which no bundle can take in. */
const native = /^(better-sqlite3|@node-rs\/argon2)$/

// As in new URL('data/', import.meta.url).
const BESIDE = ', import.meta.url)'

/** Native packages and files beside a module stay where they are; what is built finds them from its own place. */
const leftInPlace = {
  name: 'left-in-place',
  resolveId(id: string, importer?: string) {
    if (!importer || !native.test(id)) return null
    return { id: fromDist(createRequire(pathToFileURL(importer)).resolve(id)), external: 'relative' as const }
  },
  transform(code: string, id: string) {
    if (!id.endsWith('.ts')) return null
    for (const [use] of code.matchAll(/.{0,2}import\.meta\.\w+.?/g))
      if (!use.startsWith(BESIDE) && !use.endsWith('import.meta.resolve('))
        throw new Error(`${id} uses ${use.trim()}, which would mean another place in what is built`)
    if (!code.includes(BESIDE)) return null
    const folder = JSON.stringify(`${fromDist(dirname(id))}/`)
    // Lines stay as they are, and with them the map.
    return { code: code.replaceAll(BESIDE, `, new URL(${folder}, import.meta.url))`), map: null }
  },
}

/** The server and its commands with all that they load, as production runs them: a fraction of the files, and of the time to start. */
export default defineConfig({
  entry: ['src/main.ts', 'src/cli.ts'],
  platform: 'node',
  target: 'node24',
  dts: false,
  sourcemap: true,
  deps: { alwaysBundle: /./, onlyBundle: false, neverBundle: ['pg-native'] },
  logLevel: 'warn',
  plugins: [leftInPlace],
})
