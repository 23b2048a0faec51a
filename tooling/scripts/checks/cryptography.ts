import { type Finding, isCode, isTest, type SourceFile } from './files.ts'
import { lineAt, withoutComments } from './text.ts'

/** Where a fast hash names a statement to its own server: nothing depends on its being hard to forge. */
const names: ReadonlySet<string> = new Set([
  // As authenticator apps do (RFC 6238).
  'packages/testing/src/outside/totp.ts',
  'packages/adapters/src/redis/link.ts',
  'packages/db/src/dialect/postgres/names.ts',
])

/** Where chance spreads out waits or chooses a sample: nothing depends on its being hard to guess. */
const waits: ReadonlySet<string> = new Set([
  'apps/api/src/parts/broker.ts',
  'packages/adapters/src/jobs/backoff.ts',
  'packages/adapters/src/lock/locks.ts',
  'packages/adapters/src/redis/link.ts',
  'packages/core/src/guard/journal.ts',
  'packages/core/src/webhooks/rules.ts',
  'packages/db/src/database.ts',
  'packages/db/src/dialect/postgres/notices.ts',
  'packages/db/src/dialect/sqlite/writer.ts',
  'packages/sdk/src/retries.ts',
])

/** Where functions are made of schemas of the contract at start-up, never of input. */
const makesCode: ReadonlySet<string> = new Set(['packages/kit/src/policies/exact.ts'])

const rules: readonly { pattern: RegExp; allowed: ReadonlySet<string>; message: string }[] = [
  {
    pattern: /\b(?:createHash|createHmac|hash|hkdfSync|pbkdf2\w*)\(\s*'(?!sha(?:256|384|512)')/g,
    allowed: names,
    message: 'hashes by another function than SHA-256, SHA-384 or SHA-512',
  },
  {
    pattern: /\bcreate(?:Cipher|Decipher)iv\(\s*'(?!aes-256-gcm')/g,
    allowed: new Set(),
    message: 'encrypts by another cipher than AES-256-GCM; use the vault of packages/kit',
  },
  {
    pattern: /\bMath\.random\b/g,
    allowed: waits,
    message: 'uses chance that can be guessed; use node:crypto, or say here that it only spreads out waits',
  },
  { pattern: /\bnew Function\(/g, allowed: makesCode, message: 'makes code from text' },
]

/** Finds weak hashes, ciphers and chance, and code made of text, in what runs in production. */
export const cryptography = (files: readonly SourceFile[]): Finding[] =>
  files
    .filter((file) => isCode(file) && !isTest(file) && /^(?:packages|apps)\/[^/]+\/src\//.test(file.path))
    .flatMap(({ path, text }) =>
      rules
        .filter(({ allowed }) => !allowed.has(path))
        .flatMap(({ pattern, message }) =>
          [...withoutComments(text).matchAll(pattern)].map(({ index }) => ({
            path,
            line: lineAt(text, index),
            message,
          })),
        ),
    )
