import { Lucia } from 'lucia'
import type { SessionAttributes, SessionReader, UserAttributes } from './adapter.ts'

/** Lucia over one adapter, for one look-up or one transaction. */
export const luciaOf = (adapter: SessionReader) =>
  new Lucia(adapter, {
    getSessionAttributes: ({ loginId, portal }) => ({ loginId, portal }),
    getUserAttributes: ({ role }) => ({ role }),
  })

declare module 'lucia' {
  interface Register {
    Lucia: ReturnType<typeof luciaOf>
    UserId: string
    DatabaseSessionAttributes: SessionAttributes
    DatabaseUserAttributes: UserAttributes
  }
}
