import { type Finding, isCode, isTest, type SourceFile } from './files.ts'

const declaration =
  /^export (?:declare )?(?:abstract )?(?:async )?(?:function\*?|const|interface|type|class) ([A-Za-z_$][\w$]*)/

const isDocumented = (lines: readonly string[], index: number): boolean => {
  const above = lines.slice(0, index).findLast((line) => !/^\s*\/\/ (?:biome|oxlint)/.test(line)) ?? ''
  return above.trim().endsWith('*/')
}

// An overload or a companion type of the same name is described once, at its first declaration.
const undocumented = (text: string): { name: string; line: number }[] => {
  const lines = text.split('\n')
  const seen = new Set<string>()
  return lines.flatMap((line, index) => {
    const name = declaration.exec(line)?.[1]
    if (name === undefined || seen.has(name)) return []
    seen.add(name)
    return isDocumented(lines, index) ? [] : [{ name, line: index + 1 }]
  })
}

/** Finds exported declarations without a docstring right above them; tests and configuration are left out. */
export const docstrings = (files: readonly SourceFile[]): Finding[] =>
  files
    .filter((file) => isCode(file) && !isTest(file) && !/\.(config|workspace)\.ts$/.test(file.path))
    .flatMap(({ path, text }) =>
      undocumented(text).map(({ name, line }) => ({
        path,
        line,
        message: `exports ${name} without a docstring: say in 1 to 3 sentences what its type does not`,
      })),
    )
