import type { AppRouter } from '@plinth/contract'
import type { Operation, TRPCClientError, TRPCLink } from '@trpc/client'
import { observable, type Unsubscribable } from '@trpc/server/observable'
import { isPlinthError } from './errors.ts'
import { isLogin, type Session, signsIn } from './session.ts'

const SIGNS_OUT = 'core.sessions.logout'

/** In cookie mode a login asks for cookies. */
const complete = (op: Operation, mode: 'token' | 'cookie'): Operation =>
  mode === 'cookie' && isLogin(op.path) ? { ...op, input: { transport: mode, ...(op.input as object) } } : op

const learn = (session: Session, path: string, answer: unknown): void => {
  if (path === SIGNS_OUT) session.end()
  else if (signsIn(path)) session.begin(answer as Parameters<Session['begin']>[0])
}

/** The answer to a logout that was done before: its first answer was lost, or the login was ended elsewhere. */
const loggedOut = (session: Session) => {
  const data = { loginId: session.loginId() ?? '', endedAt: new Date().toISOString() }
  return { result: { type: 'data' as const, data }, context: { unchecked: true } }
}

/**
 * Whether a renewal may help: the token is too old, or so old that nobody knows it, or was replaced while the call was
 * on its way.
 */
export const isStale = (error: unknown): boolean =>
  isPlinthError(error, 'TOKEN_EXPIRED', 'TOKEN_REVOKED', 'TOKEN_UNKNOWN')

/** That nobody is signed in any more says less than why. */
const clearer = <E extends TRPCClientError<AppRouter>>(first: E, second: E): E =>
  isPlinthError(second, 'NOT_SIGNED_IN') ? first : second

/** What becomes of a call whose token was stale, after it was renewed or could not be. */
const afterRenewal = async (
  session: Session,
  generation: number,
  { path, mode }: { readonly path: string; readonly mode: 'token' | 'cookie' },
): Promise<'again' | 'done' | 'tell'> => {
  if (await session.renew(generation)) return 'again'
  if (session.generation() === generation) return 'tell'
  // The session has ended: what a logout is for, and what a call that anybody may make does not need.
  if (path === SIGNS_OUT) return 'done'
  return mode === 'token' ? 'again' : 'tell'
}

/**
 * Signs calls in and keeps them signed in: takes the tokens from the answer of a login, renews a stale one once for
 * all calls that met it, and makes each of those once more: without a token where the renewal ended the session, for
 * anybody may make some calls.
 */
export const sessionLink =
  (session: Session, mode: 'token' | 'cookie'): TRPCLink<AppRouter> =>
  () =>
  ({ op, next }) => {
    // A stream renews by itself, as it has to go on where it was.
    if (op.type === 'subscription') return next(op)
    return observable((observer) => {
      const call = complete(op, mode)
      let left = false
      let current: Unsubscribable

      const attempt = (onError: (error: TRPCClientError<AppRouter>) => void): Unsubscribable =>
        next(call).subscribe({
          next(envelope) {
            if ('data' in envelope.result) learn(session, call.path, envelope.result.data)
            observer.next(envelope)
          },
          complete: () => observer.complete(),
          error: onError,
        })

      const goOn = async (error: TRPCClientError<AppRouter>, generation: number) => {
        const ways = {
          again() {
            current = attempt((second) => observer.error(clearer(error, second)))
          },
          done() {
            observer.next(loggedOut(session))
            observer.complete()
          },
          tell: () => observer.error(error),
        }
        const way = await afterRenewal(session, generation, { path: call.path, mode })
        if (!left) ways[way]()
      }

      const generation = session.generation()
      current = attempt((error) => {
        if (isStale(error) && !signsIn(call.path)) void goOn(error, generation)
        else observer.error(error)
      })
      return () => {
        left = true
        current.unsubscribe()
      }
    })
  }
