import { readdirSync } from 'node:fs'
import { defineConfig } from 'vitest/config'

const projects = ['packages', 'apps', 'tooling'].flatMap((folder) =>
  readdirSync(new URL(folder, import.meta.url))
    .filter((name) => name !== 'tsconfig')
    .map((name) => `${folder}/${name}`),
)

/** Every package is a test project named after its folder. Pass this file with `--config`. */
export default defineConfig({
  test: {
    // Measured with COVERAGE=1, on the first engine: what only the other engine runs, and what runs as a process of its own
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
    globalSetup: 'packages/db/src/testing-setup.ts',
    projects: projects.map((root) => ({
      test: {
        name: root.split('/')[1] ?? root,
        root: new URL(root, import.meta.url).pathname,
        include: ['**/*.test.ts'],
        exclude: ['**/node_modules/**', '**/dist/**'],
        testTimeout: 30_000,
        hookTimeout: 60_000,
      },
    })),
  },
})
