import { strict as assert } from 'node:assert'
import type { TestServer } from '../test-app.ts'
import { rowsOf, tableNames } from './tables.ts'

interface Searched {
  readonly server: TestServer
  readonly secrets: ReadonlySet<string>
}

const TOKEN = /\bpl[a-z]_[\w-]{49}(?![\w-])|\bwhsec_[\w+/=]{20,}/g

// The mailbox holds mails as they were sent, and the token of a verification or an invitation is what the mail is for.
const isMailed = (table: string, secret: string): boolean => table === 'mailbox' && /^pl[iv]_/.test(secret)

const secretsIn = (text: string, secrets: ReadonlySet<string>): readonly string[] => [
  ...new Set(text.match(TOKEN) ?? []),
  ...[...secrets].filter((secret) => text.includes(secret)),
]

/** Where a token of any kind, or a password that was given, stands in clear: in a column of any table, or in the log. */
export const leakedSecrets = async ({ server, secrets }: Searched): Promise<readonly string[]> => {
  assert.ok(secrets.size > 0, 'No secret was used')
  const tables = await tableNames(server.db)
  const found = await server.db.transaction(async (trx) => {
    const leaks: string[] = []
    let rows = 0
    for (const table of tables) {
      const stored = await rowsOf(trx, table)
      rows += stored.length
      const leaked = secretsIn(JSON.stringify(stored), secrets).filter((secret) => !isMailed(table, secret))
      leaks.push(...leaked.map((secret) => `${table}: ${secret}`))
    }
    assert.ok(rows > 0, 'There are no rows to search')
    return leaks
  })
  const logged = secretsIn(JSON.stringify(server.logged), secrets)
  return [...found, ...logged.map((secret) => `log: ${secret}`)]
}
