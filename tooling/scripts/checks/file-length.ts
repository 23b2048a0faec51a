import { type Finding, isCode, type SourceFile } from './files.ts'

/** Finds files of code that are longer than `most` lines. */
export const fileLength = (files: readonly SourceFile[], most: number): Finding[] =>
  files.filter(isCode).flatMap(({ path, text }) => {
    const lines = text.split('\n').length - (text.endsWith('\n') ? 1 : 0)
    if (lines <= most) return []
    return [{ path, line: lines, message: `has ${lines} lines, ${most} at the most: split the module` }]
  })
