import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const projects = ['packages', 'apps', 'tooling'].flatMap((folder) =>
  readdirSync(new URL(folder, import.meta.url))
    .filter((name) => name !== 'tsconfig')
    .map((name) => `${folder}/${name}`),
)

// What `npm test` leaves out of a run, as paths from the root.
const leftOut = (process.env.TEST_LEFT_OUT ?? '').split(',').filter((path) => path !== '')

// Modules are loaded once for each worker: no test changes one, and to load them takes longer than most tests.
const shared = {
  isolate: false,
  // Node strips the types itself; Vite would transform every module anew for each project.
  experimental: { viteModuleRunner: false, nodeLoader: false },
  testTimeout: 30_000,
  hookTimeout: 60_000,
  // As long as eventually() waits.
  expect: { poll: { timeout: 15_000, interval: 20 } },
}
const ignored = ['**/node_modules/**', '**/dist/**']

const apart = {
  projects: projects.map((root) => ({
    test: {
      ...shared,
      name: root.split('/')[1] ?? root,
      root: new URL(root, import.meta.url).pathname,
      include: ['**/*.test.ts'],
      exclude: ignored,
    },
  })),
}

// A worker serves one project and ends with it: the whole suite is one, so that what is loaded and warm stays so.
const together = {
  ...shared,
  include: projects.map((root) => `${root}/**/*.test.ts`),
  exclude: [...ignored, ...leftOut],
}

/**
 * Every package is a test project named after its folder; with `TEST_TOGETHER`, as in `npm test`, all of them are one.
 * Pass this file with `--config`.
 */
export default defineConfig({
  test: {
    // Measured in CI, on the first engine: what only the other engine runs, and what runs as a process of its own
    // (main.ts, cli.ts), is not counted.
    coverage: {
      enabled: process.env.COVERAGE === '1',
      provider: 'v8',
      include: ['packages/*/src/**/*.ts', 'apps/*/src/**/*.ts'],
      exclude: [
        '**/*.test.ts',
        '**/main.ts',
        '**/cli.ts',
        '**/dialect/postgres/**',
        '**/dialect/postgres.ts',
        'packages/testing/**',
      ],
      reporter: ['text-summary'],
      thresholds: { lines: 90, functions: 90, branches: 80, statements: 90 },
    },
    // Much of the time goes by in waiting for other processes, so there is one worker more than a small machine has cores.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    globalSetup: 'packages/db/src/testing-setup.ts',
    ...(process.env.TEST_TOGETHER === '1' ? together : apart),
  },
})
