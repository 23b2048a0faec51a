import { fileURLToPath } from 'node:url'
import bounds from '../bounds.json' with { type: 'json' }
import { cryptography } from './cryptography.ts'
import { dialectNames } from './dialect-names.ts'
import { docstrings } from './docstrings.ts'
import { duplication, measureDuplication } from './duplication.ts'
import { escapeHatches } from './escape-hatches.ts'
import { fileLength } from './file-length.ts'
import { type Finding, formatFinding, readRepository, type SourceFile } from './files.ts'
import { machineAddresses } from './machine-addresses.ts'
import { security } from './security.ts'

const checks: Record<string, (files: readonly SourceFile[]) => Finding[]> = {
  'file length': (files) => fileLength(files, bounds.fileLines),
  'the dialect is named in one place': dialectNames,
  'no address of a machine': machineAddresses,
  'exports are documented': docstrings,
  'ways around the checks': (files) => escapeHatches(files, bounds.escapeHatches),
  'cryptography that is sound': cryptography,
  'security requirements are tested': security,
  duplication: (files) => duplication(files, bounds.duplicatedPercent),
}

const files = readRepository(fileURLToPath(new URL('../../../', import.meta.url)))
const { lines, repeated } = measureDuplication(files)
console.log(`${files.length} files, ${lines} lines of code, ${repeated} of them repeated`)
for (const [name, check] of Object.entries(checks)) {
  const findings = check(files)
  console.log(`${findings.length === 0 ? 'ok  ' : 'FAIL'} ${name}`)
  for (const finding of findings) console.log(`     ${formatFinding(finding)}`)
  if (findings.length > 0) process.exitCode = 1
}
