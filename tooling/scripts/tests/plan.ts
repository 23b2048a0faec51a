type Engine = 'sqlite' | 'postgres'

/**
 * Packages whose guarantees do not depend on the engine: what has no database, what stands on the far side of the wire,
 * and the benchmark, whose tests name the engine they measure. They run once, with the first engine.
 */
export const engineIndependent: readonly string[] = [
  'packages/contract',
  'packages/sdk',
  'tooling/bench',
  'tooling/outside',
  'tooling/scripts',
]

/**
 * The same for files of other packages: each names the engine or the service that it stands on, so that a second run would
 * do what the first did.
 */
export const engineIndependentFiles: readonly string[] = [
  'packages/adapters/src/broker/rabbitmq.test.ts',
  'packages/adapters/src/files/files.test.ts',
  'packages/adapters/src/files/s3.test.ts',
  'packages/adapters/src/jobs/pg-boss-conformance.test.ts',
  'packages/adapters/src/jobs/pg-boss-jobs.test.ts',
  'packages/adapters/src/lock/locks.test.ts',
  'packages/adapters/src/mail/smtp.test.ts',
  'packages/adapters/src/webhooks/guard.test.ts',
  'packages/adapters/src/webhooks/sender.test.ts',
  'packages/db/src/dialect/postgres/silence.test.ts',
  'packages/kit/src/outside/outside.test.ts',
]

/** One Vitest run: the engine, which is `DB` in its environment, what it leaves out, and whether CI measures coverage in it. */
export type Run = {
  engine: Engine
  /** Paths from the root, as globs. */
  leftOut: readonly string[]
  coverage: boolean
}

/** The runs that cover every guarantee on every engine it can depend on. */
export const runs: readonly Run[] = [
  { engine: 'sqlite', leftOut: [], coverage: true },
  {
    engine: 'postgres',
    leftOut: [...engineIndependent.map((folder) => `${folder}/**`), ...engineIndependentFiles],
    coverage: false,
  },
]

/** Vitest's arguments for a run that writes its results as JSON to `report`; `extra` comes last. */
export const vitestArguments = (report: string, extra: readonly string[]): string[] => [
  'node_modules/vitest/vitest.mjs',
  'run',
  '--config',
  'vitest.workspace.ts',
  '--reporter=dot',
  '--reporter=json',
  `--outputFile.json=${report}`,
  ...extra,
]
