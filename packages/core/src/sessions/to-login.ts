import type { Login } from '@plinth/contract'
import type { LoginRecord } from '@plinth/kit'
import type { Suspicion } from './suspicion.ts'

/** A login as it is answered; `current` is the one that asks. */
export const toLogin = (
  { userId: _, portal: __, impersonatedBy: ___, suspicion, scopes, ...shown }: LoginRecord,
  current: string | null,
): Login => ({
  ...shown,
  current: shown.id === current,
  suspicion: (suspicion?.split(' ') ?? []) as Suspicion[],
  scopes: scopes?.split(' ') ?? null,
})
