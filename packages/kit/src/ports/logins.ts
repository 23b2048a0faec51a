import type { PortalName } from '@plinth/contract'
import type { ReadDb, WriteDb } from '@plinth/db'
import type { KitTables } from '../tables.ts'

type Db = ReadDb<KitTables>
type Trx = WriteDb<KitTables>

/** Why a login ended before it expired. */
export type EndReason = 'logout' | 'ended' | 'token-reused' | 'password-changed'

/** A login that is neither ended nor expired. Moments are ISO texts here and below. */
export interface LoginRecord {
  readonly id: string
  readonly userId: string
  readonly portal: PortalName | null
  readonly address: string | null
  readonly userAgent: string | null
  readonly createdAt: string
  readonly refreshedAt: string
  /** That of its newest refresh token. */
  readonly expiresAt: string
}

/** A token as it is kept: never itself, only its SHA-256. */
export interface KeptToken {
  readonly hash: string
  readonly expiresAt: string
}

/** A new pair of tokens of a login. */
export interface NewTokens {
  readonly loginId: string
  readonly userId: string
  readonly role: string
  readonly access: KeptToken
  readonly refresh: KeptToken
}

/** What an access token stands for; the role is what the user has now. */
export interface FoundAccess {
  readonly userId: string
  readonly loginId: string
  readonly role: string
  readonly portal: PortalName | null
  readonly expiresAt: string
  /** Whether it, or its login, was ended. */
  readonly ended: boolean
}

/** What a refresh token stands for. */
export interface FoundRefresh {
  readonly userId: string
  readonly loginId: string
  readonly portal: PortalName | null
  readonly expiresAt: string
  readonly used: boolean
  /** Whether its login was ended. */
  readonly ended: boolean
}

/** Which logins of a user are meant: one, or all but one. */
export type WhichLogins = { readonly userId: string } & (
  | { readonly only: string }
  | { readonly except: string }
)

/** A page of the logins of a user, newest first. */
export interface LoginPage {
  readonly items: readonly LoginRecord[]
  readonly nextCursor: string | null
}

/**
 * Keeps logins and their tokens. A store that is not in the database has no part in the transaction that it is given:
 * it writes at once.
 */
export interface LoginStore {
  /** One look-up; undefined where the token is unknown. */
  find(hash: string): Promise<FoundAccess | undefined>
  start(trx: Trx, login: LoginRecord): Promise<void>
  addTokens(trx: Trx, tokens: NewTokens, now: Date): Promise<void>
  findRefresh(trx: Trx, hash: string): Promise<FoundRefresh | undefined>
  /** Spends a refresh token; false where it was spent before, by whomever. */
  spend(trx: Trx, hash: string, now: Date): Promise<boolean>
  /** Ends the access tokens of a login so far and lets the login live on; false where it was ended. */
  renew(trx: Trx, login: Pick<LoginRecord, 'id' | 'expiresAt'>, now: Date): Promise<boolean>
  /** Ends logins that are neither ended nor expired, with every token of theirs; answers how many. */
  end(trx: Trx, which: WhichLogins, reason: EndReason, now: Date): Promise<number>
  list(
    db: Db,
    asked: { readonly userId: string; readonly limit: number; readonly cursor?: string | null | undefined },
    now: Date,
  ): Promise<LoginPage>
  /** To be told of a change of role, in its transaction: who is signed in has it with the next call. */
  setRole(trx: Trx, userId: string, role: string): Promise<void>
}
