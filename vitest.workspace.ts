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
