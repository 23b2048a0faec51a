import { execFileSync } from 'node:child_process'
import { fileURLToPath } from 'node:url'

const inRoot = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url))

/** Builds the server as production runs it, in some 3 s, and answers the folder of `main.mjs` and `cli.mjs`. */
export const buildServer = (): string => {
  const cwd = inRoot('apps/api')
  execFileSync(process.execPath, [inRoot('node_modules/tsdown/dist/run.mjs')], {
    cwd,
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  return inRoot('apps/api/dist')
}
