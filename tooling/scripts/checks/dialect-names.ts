import { type Finding, isCode, type SourceFile } from './files.ts'
import { stringLiterals } from './text.ts'

const engine = /sqlite|postgres|mysql/i

/** Where an engine may be named: behind the dialect, where a URL is read, and in what runs or compares engines. */
const allowed: readonly RegExp[] = [
  /^packages\/db\/src\/dialect\//,
  /^packages\/db\/src\/testing\//,
  /^packages\/db\/src\/([\w-]+\.test|testing[\w-]*|config|database)\.ts$/,
  /^packages\/testing\//,
  /^apps\/api\/src\/(config|settings)[\w./-]*\.ts$/,
  /^tooling\//,
]

/** Finds code outside of the dialect that names a database engine in a string. */
export const dialectNames = (files: readonly SourceFile[]): Finding[] =>
  files
    .filter((file) => isCode(file) && /^(packages|apps|tooling)\//.test(file.path))
    .filter((file) => !allowed.some((pattern) => pattern.test(file.path)))
    .flatMap(({ path, text }) =>
      stringLiterals(text)
        .filter(({ literal }) => engine.test(literal) && !literal.includes('/dialect/'))
        .map(({ line, literal }) => ({
          path,
          line,
          message: `names a database engine (${literal.slice(0, 40)}); ask packages/db for a capability or a helper`,
        })),
    )
