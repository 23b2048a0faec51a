import type { AppRouter } from '@plinth/contract'
import type { Operation, TRPCClientError, TRPCLink } from '@trpc/client'
import { observable, type Unsubscribable } from '@trpc/server/observable'
import { isPlinthError } from './errors.ts'
import { LOGIN, type Session, signsIn, type Tokens } from './session.ts'

const SIGNS_OUT = 'core.sessions.logout'

/** In cookie mode a login asks for cookies. */
const complete = (op: Operation, mode: 'token' | 'cookie'): Operation =>
  mode === 'cookie' && op.path === LOGIN ? { ...op, input: { transport: mode, ...(op.input as object) } } : op

const learn = (session: Session, path: string, answer: unknown): void => {
  if (path === SIGNS_OUT) session.end()
  else if (signsIn(path)) session.begin((answer as { tokens: Tokens | null }).tokens)
}

/**
 * Whether a renewal may help: the token is too old, or so old that nobody knows it, or was replaced while the call was
 * on its way.
 */
export const isStale = (error: unknown): boolean =>
  isPlinthError(error, 'TOKEN_EXPIRED', 'TOKEN_REVOKED', 'TOKEN_UNKNOWN')

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

      const again = (error: TRPCClientError<AppRouter>, generation: number) =>
        session.renew(generation).then((renewed) => {
          if (left) return
          const signedOut = mode === 'token' && session.accessToken() === null
          // That nobody is signed in any more says less than why.
          const tell = (second: TRPCClientError<AppRouter>) =>
            observer.error(isPlinthError(second, 'NOT_SIGNED_IN') ? error : second)
          if (renewed || signedOut) current = attempt(tell)
          else observer.error(error)
        })

      const generation = session.generation()
      current = attempt((error) => {
        if (isStale(error) && !signsIn(call.path)) void again(error, generation)
        else observer.error(error)
      })
      return () => {
        left = true
        current.unsubscribe()
      }
    })
  }
