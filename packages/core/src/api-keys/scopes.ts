import { contract, type FieldError, scopesOf } from '@plinth/contract'
import { common } from '@plinth/kit'

const known: ReadonlySet<string> = new Set(scopesOf(contract))

/** Refuses what is no scope of any operation: who asks for it would believe that it limits something. */
export const checkScopes = (scopes: readonly string[]): void => {
  const errors = scopes.flatMap((scope, index): FieldError[] =>
    known.has(scope) ? [] : [{ path: `scopes.${index}`, message: 'is not a scope of any operation' }],
  )
  if (errors.length > 0) throw common('INVALID_INPUT', { errors })
}

/** Scopes as they are stored: each once, in order, joined by spaces. */
export const storedScopes = (scopes: readonly string[]): string => [...new Set(scopes)].sort().join(' ')
