import type { PortalName } from '@plinth/contract'
import type { ReadDb, WriteDb } from '@plinth/db'
import type { KitTables } from '../tables.ts'

type Db = ReadDb<KitTables>
type Trx = WriteDb<KitTables>

/** Why a login ended before it expired. */
export type EndReason =
  | 'logout'
  | 'ended'
  | 'token-reused'
  | 'password-changed'
  | 'too-many'
  | 'device-removed'
  | 'forced'
  | 'account-closed'

/** What a user may do now: the role with the permissions it has, and what was granted besides, joined by spaces. */
export interface Standing {
  readonly role: string
  readonly rights: string
  readonly grants: string | null
  /** Whether the email address is proved. */
  readonly verified: boolean
}

/** A login that is neither ended nor expired. Moments are ISO texts here and below. */
export interface LoginRecord {
  readonly id: string
  readonly userId: string
  readonly portal: PortalName | null
  readonly address: string | null
  readonly userAgent: string | null
  /** How it was made, such as `password`. */
  readonly method: string
  readonly deviceId: string | null
  /** Country of the address, as ISO 3166 writes it in two letters. */
  readonly country: string | null
  readonly createdAt: string
  readonly refreshedAt: string
  /** When they last proved who they are. */
  readonly provenAt: string
  /** That of its newest refresh token. */
  readonly expiresAt: string
  /** When it ends, however often it is refreshed. */
  readonly endsAt: string
  /** What it is limited to, joined by spaces; null: nothing. */
  readonly scopes: string | null
  /** The administrator who acts in the place of the user. */
  readonly impersonatedBy: string | null
  /** What was odd about it, such as `new-device`, joined by spaces; null: nothing. */
  readonly suspicion: string | null
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
  readonly standing: Standing
  readonly access: KeptToken
  readonly refresh: KeptToken
}

type OfLogin = Pick<LoginRecord, 'portal' | 'scopes' | 'impersonatedBy'>

/** What an access token stands for, with what the user may do now. */
export interface FoundAccess extends Standing, OfLogin {
  readonly userId: string
  readonly loginId: string
  readonly provenAt: string
  readonly expiresAt: string
  /** Whether it, or its login, was ended. */
  readonly ended: boolean
}

/** What a refresh token stands for. */
export interface FoundRefresh extends OfLogin {
  readonly userId: string
  readonly loginId: string
  readonly expiresAt: string
  /** When its login ends, however often it is refreshed. */
  readonly endsAt: string
  readonly used: boolean
  /** Whether its login was ended. */
  readonly ended: boolean
}

/** Which logins of a user are meant: one, all but one, or all. */
export type WhichLogins = { readonly userId: string } & (
  | { readonly only: string }
  | { readonly except: string | null }
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
  /** Ends the logins in which this administrator acts in the place of somebody. */
  endImpersonations(trx: Trx, administrator: string, now: Date): Promise<void>
  list(
    db: Db,
    asked: { readonly userId: string; readonly limit: number; readonly cursor?: string | null | undefined },
    now: Date,
  ): Promise<LoginPage>
  /** The newest logins of a user but for the first `keep`, at most a hundred of them: those to end when there are too many. */
  beyond(trx: Trx, userId: string, keep: number, now: Date): Promise<readonly string[]>
  /** Notes that the holder of a login proved anew who they are. */
  prove(trx: Trx, loginId: string, now: Date): Promise<void>
  /** To be told of what changes for a user, in its transaction: who is signed in has it with the next call. */
  setStanding(trx: Trx, userId: string, standing: Standing): Promise<void>
  /** The same for a role, whose permissions change; null when the role is gone. */
  setRights(trx: Trx, role: string, rights: string | null): Promise<void>
}
