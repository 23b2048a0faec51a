import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'tsdown'

interface BundleOptions {
  readonly minify?: boolean
  /** What is left out, by the name of its package. */
  readonly without?: RegExp
}

/** An entry with all that it imports as one script of a browser, as an application bundles it. */
export const bundle = async (
  path: string,
  { minify = false, without }: BundleOptions = {},
): Promise<string> => {
  const outDir = await mkdtemp(join(tmpdir(), 'plinth-bundle-'))
  await build({
    config: false,
    entry: [fileURLToPath(new URL(path, import.meta.url))],
    outDir,
    format: 'esm',
    platform: 'browser',
    dts: false,
    minify,
    logLevel: 'warn',
    deps: { onlyBundle: false, ...(without ? { neverBundle: without } : { alwaysBundle: [/./] }) },
  })
  const names = await readdir(outDir)
  const codes = await Promise.all(names.map((name) => readFile(join(outDir, name), 'utf8')))
  await rm(outDir, { recursive: true })
  return codes.join('\n')
}
