import type { Step } from './runner.ts'

const bin = (name: string) => `node_modules/.bin/${name}`
const script = (name: string) => ['node_modules/.bin/node', `tooling/scripts/${name}`] as const

/** Every check that needs no test run; the longest come first, so that two at a time end together. */
export const steps: readonly Step[] = [
  { name: 'published packages', commands: [[...script('package-checks.ts')]] },
  { name: 'types', commands: [[bin('tsc'), '-p', 'tsconfig.json']] },
  { name: 'typed lint', commands: [[bin('oxlint'), '--type-aware', '--deny-warnings']] },
  { name: 'unused code', commands: [[bin('knip'), '--no-progress']] },
  { name: 'generated documents', commands: [[...script('docs.ts'), '--check']] },
  { name: 'format and lint', commands: [[bin('biome'), 'ci', '--error-on-warnings', '.']] },
  { name: 'OpenAPI lint', commands: [[bin('redocly'), 'lint', 'openapi.json']] },
  { name: 'OpenAPI difference', commands: [[...script('openapi-diff.ts')]] },
  { name: 'changesets', commands: [[...script('changeset-check.ts')]] },
  { name: 'house rules', commands: [[...script('checks/main.ts')]] },
]

const GATE = '--quick --gate --rounds 3 --seconds 1'.split(' ')

/** Runs by itself, after everything else: what else is at work on the machine would show in it. */
export const speedGate: Step = {
  name: 'speed next to the floor',
  commands: [[bin('node'), 'tooling/bench/src/main.ts', ...GATE]],
}
