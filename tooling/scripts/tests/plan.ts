import { readdirSync } from 'node:fs'

type Engine = 'sqlite' | 'postgres'

/**
 * Projects whose guarantees do not depend on the engine: what has no database, what stands on the far side of the wire,
 * and the benchmark, whose tests name the engine they measure. They run once, with the first engine.
 */
export const engineIndependent: readonly string[] = ['contract', 'scripts', 'sdk', 'outside', 'bench']

/** One Vitest run: the engine, which is `DB` in its environment, the projects it leaves out, and whether CI measures coverage in it. */
export type Run = { engine: Engine; leftOut: readonly string[]; coverage: boolean }

/** The runs that cover every guarantee on every engine it can depend on. */
export const runs: readonly Run[] = [
  { engine: 'sqlite', leftOut: [], coverage: true },
  { engine: 'postgres', leftOut: engineIndependent, coverage: false },
]

/** Vitest's arguments for a run that writes its results as JSON to `report`; `extra` comes last. */
export const vitestArguments = (run: Run, report: string, extra: readonly string[]): string[] => [
  'node_modules/vitest/vitest.mjs',
  'run',
  '--config',
  'vitest.workspace.ts',
  '--reporter=dot',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...run.leftOut.map((project) => `--project=!${project}`),
  ...extra,
]

/** The folder names of all packages, which are the names of the test projects. */
export const projectNames = (root: string): string[] =>
  ['packages', 'apps', 'tooling'].flatMap((folder) => readdirSync(new URL(folder, `file://${root}/`)))
