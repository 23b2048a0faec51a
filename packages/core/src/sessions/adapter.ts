import type { FoundAccess, KeptToken, LoginStore } from '@plinth/kit'
import type { Adapter, DatabaseSession, DatabaseUser } from 'lucia'
import { tokenHash } from '../tokens.ts'

/** What Lucia carries of a session for us. `expiresAt` is a moment of our clock; Lucia's own are the machine's. */
export interface SessionAttributes
  extends Pick<FoundAccess, 'loginId' | 'portal' | 'expiresAt' | 'provenAt' | 'scopes' | 'impersonatedBy'> {}

/** What Lucia carries of a user for us. */
export interface UserAttributes extends Pick<FoundAccess, 'role' | 'rights' | 'grants' | 'verified'> {}

// Lucia compares with the clock of the machine: what is left by our clock must be left by that one.
const onMachineClock = (moment: string, now: Date): Date =>
  new Date(Date.now() + Date.parse(moment) - now.getTime())

/**
 * Lets Lucia look sessions up in our store; it writes nothing. A session id is a token to Lucia, and only the
 * SHA-256 of it to the store. Made for one look-up, whose moment it is given.
 */
export class SessionReader implements Adapter {
  /** Why the session that was looked up last is of no use, if Lucia refuses it. */
  refusal: 'TOKEN_UNKNOWN' | 'TOKEN_REVOKED' | 'TOKEN_EXPIRED' = 'TOKEN_UNKNOWN'
  readonly #store: Pick<LoginStore, 'find'>
  readonly #now: Date

  constructor(store: Pick<LoginStore, 'find'>, now: Date) {
    this.#store = store
    this.#now = now
  }

  async getSessionAndUser(token: string): Promise<[DatabaseSession, DatabaseUser] | [null, null]> {
    const found = await this.#store.find(tokenHash(token))
    if (!found) return [null, null]
    this.refusal = found.ended ? 'TOKEN_REVOKED' : 'TOKEN_EXPIRED'
    if (found.ended) return [null, null]
    const { userId, expiresAt } = found
    const session = { id: token, userId, expiresAt: onMachineClock(expiresAt, this.#now) }
    return [
      { ...session, attributes: found },
      { id: userId, attributes: found },
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
    throw new Error('logins are ended, with every session of theirs')
  }

  async deleteExpiredSessions(): Promise<void> {
    throw new Error('the store deletes what has expired')
  }
}

/** Lets Lucia make a session, which `save` keeps. */
export class SessionWriter extends SessionReader {
  readonly #save: (made: KeptToken) => Promise<void>

  constructor(store: LoginStore, now: Date, save: (made: KeptToken) => Promise<void>) {
    super(store, now)
    this.#save = save
  }

  override setSession({ id: token, attributes }: DatabaseSession): Promise<void> {
    return this.#save({ hash: tokenHash(token), expiresAt: attributes.expiresAt })
  }
}
