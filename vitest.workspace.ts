import { readdirSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'

const projects = ['packages', 'apps', 'tooling'].flatMap((folder) =>
  readdirSync(new URL(folder, import.meta.url))
    .filter((name) => name !== 'tsconfig')
    .map((name) => `${folder}/${name}`),
)

// Files that `npm test` runs once, with the first engine.
const leftOut = (process.env.TEST_LEFT_OUT ?? '')
  .split(',')
  .filter((path) => path !== '')
  .map((path) => `**/${path.split('/').slice(2).join('/')}`)

/** Every package is a test project named after its folder. Pass this file with `--config`. */
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
    // Much of the time goes by in waiting for other processes, so two share a machine that has but one core to spare.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    globalSetup: 'packages/db/src/testing-setup.ts',
    projects: projects.map((root) => ({
      test: {
        name: root.split('/')[1] ?? root,
        root: new URL(root, import.meta.url).pathname,
        include: ['**/*.test.ts'],
        exclude: ['**/node_modules/**', '**/dist/**', ...leftOut],
        // Modules are loaded once for each worker: no test changes one, and to load them takes longer than most tests.
        isolate: false,
        // Node strips the types itself; Vite would transform every module anew for each project.
        experimental: { viteModuleRunner: false, nodeLoader: false },
        testTimeout: 30_000,
        hookTimeout: 60_000,
      },
    })),
  },
})
