import type { PortalName } from '@plinth/contract'
import { compiled, type ReadDb, type WriteDb } from '@plinth/db'
import type { Adapter, DatabaseSession, DatabaseUser } from 'lucia'
import type { Role } from '../access/roles.ts'
import type { CoreDb } from '../db.ts'
import { tokenHash } from '../tokens.ts'

/** What Lucia carries of a session for us. `expiresAt` is a moment of our clock; Lucia's own are the machine's. */
export interface SessionAttributes {
  readonly loginId: string
  readonly portal: PortalName | null
  readonly expiresAt: string
}

/** What Lucia carries of a user for us. */
export interface UserAttributes {
  readonly role: Role
}

/** A session with its login and its user, found by the hash of its token. */
const sessionByHash = compiled<CoreDb, { id: string }>()((db, p) =>
  db
    .selectFrom('sessions')
    .innerJoin('logins', 'logins.id', 'sessions.login_id')
    .innerJoin('users', 'users.id', 'sessions.user_id')
    .select(['sessions.user_id', 'sessions.login_id', 'sessions.expires_at', 'sessions.ended_at'])
    .select(['logins.ended_at as login_ended_at', 'logins.portal', 'users.role'])
    .where('sessions.id', '=', p('id')),
)

// Lucia compares with the clock of the machine: what is left by our clock must be left by that one.
const onMachineClock = (moment: string, now: Date): Date =>
  new Date(Date.now() + Date.parse(moment) - now.getTime())

/**
 * Lets Lucia look sessions up in our tables; it writes nothing. A session id is a token to Lucia, and only the
 * SHA-256 of it to the database. Made for one look-up or one transaction, whose handle and moment it is given.
 */
export class SessionReader implements Adapter {
  /** Why the session that was looked up last is of no use, if Lucia refuses it. */
  refusal: 'TOKEN_UNKNOWN' | 'TOKEN_REVOKED' | 'TOKEN_EXPIRED' = 'TOKEN_UNKNOWN'
  readonly #db: ReadDb<CoreDb> | WriteDb<CoreDb>
  protected readonly now: Date

  constructor(db: ReadDb<CoreDb> | WriteDb<CoreDb>, now: Date) {
    this.#db = db
    this.now = now
  }

  async getSessionAndUser(token: string): Promise<[DatabaseSession, DatabaseUser] | [null, null]> {
    const row = await sessionByHash.first(this.#db, { id: tokenHash(token) })
    if (!row) return [null, null]
    const ended = row.ended_at ?? row.login_ended_at
    this.refusal = ended === null ? 'TOKEN_EXPIRED' : 'TOKEN_REVOKED'
    if (ended !== null) return [null, null]
    const { user_id: userId, login_id: loginId, expires_at: expiresAt, portal, role } = row
    const session = { id: token, userId, expiresAt: onMachineClock(expiresAt, this.now) }
    return [
      { ...session, attributes: { loginId, portal, expiresAt } },
      { id: userId, attributes: { role } },
    ]
  }

  /** Answers none: nobody has the tokens, by which Lucia names sessions. Logins are listed instead. */
  async getUserSessions(): Promise<DatabaseSession[]> {
    return []
  }

  /** Does nothing: a token lives for its fixed time and is then refreshed. */
  async updateSessionExpiration(): Promise<void> {}

  /** Does nothing: Lucia asks for it where it finds an expired session, and a look-up must not write. */
  async deleteSession(): Promise<void> {}

  async setSession(_session: DatabaseSession): Promise<void> {
    throw new Error('this look-up of sessions does not write')
  }

  async deleteUserSessions(_userId: string): Promise<void> {
    throw new Error('this look-up of sessions does not write')
  }

  async deleteExpiredSessions(): Promise<void> {
    throw new Error('this look-up of sessions does not write')
  }
}

/** Lets Lucia make and end sessions in a transaction. Ended ones are kept, so that their tokens are told apart. */
export class SessionWriter extends SessionReader {
  readonly #db: WriteDb<CoreDb>

  constructor(db: WriteDb<CoreDb>, now: Date) {
    super(db, now)
    this.#db = db
  }

  override async setSession({ id: token, userId, attributes }: DatabaseSession): Promise<void> {
    await this.#db
      .insertInto('sessions')
      .values({
        id: tokenHash(token),
        user_id: userId,
        login_id: attributes.loginId,
        created_at: this.now.toISOString(),
        expires_at: attributes.expiresAt,
        ended_at: null,
      })
      .execute()
  }

  override async deleteUserSessions(userId: string): Promise<void> {
    await this.#db
      .updateTable('sessions')
      .set({ ended_at: this.now.toISOString() })
      .where('user_id', '=', userId)
      .where('ended_at', 'is', null)
      .execute()
  }

  override async deleteExpiredSessions(): Promise<void> {
    await this.#db.deleteFrom('sessions').where('expires_at', '<=', this.now.toISOString()).execute()
  }
}
