import { Lucia } from 'lucia'
import type { SessionAttributes, SessionReader, UserAttributes } from './adapter.ts'

/** Lucia over one adapter, for one look-up or one transaction. */
export const luciaOf = (adapter: SessionReader) =>
  new Lucia(adapter, {
    getSessionAttributes: ({ loginId, portal, provenAt, scopes, impersonatedBy }) => ({
      loginId,
      portal,
      provenAt,
      scopes,
      impersonatedBy,
    }),
    getUserAttributes: ({ role, rights, grants, verified }) => ({ role, rights, grants, verified }),
  })

declare module 'lucia' {
  interface Register {
    Lucia: ReturnType<typeof luciaOf>
    UserId: string
    DatabaseSessionAttributes: SessionAttributes
    DatabaseUserAttributes: UserAttributes
  }
}
