import type { ProviderName } from '@plinth/contract'
import type { Row, WriteDb } from '@plinth/db'
import type { Fail, Logger, ProvenIdentity } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { Cookies } from '../sessions/cookies.ts'
import { tokenHash } from '../tokens.ts'
import { flowCookie } from './flow-cookie.ts'
import type { IdentityDeps } from './handlers.ts'
import { openIdentity, openProof, sealIdentity } from './sealed.ts'
import type { ProviderFlowsTable } from './tables.ts'

/** What the callback of a provider brought. */
export interface Callback {
  readonly provider: ProviderName
  readonly state: string
  readonly flowToken?: string | undefined
  readonly code?: string | undefined
  readonly error?: string | undefined
}

interface ClaimContext extends Cookies {
  readonly now: Date
  readonly signal: AbortSignal
  readonly log: Logger
}

/** Why a callback leads nowhere. */
export type ClaimRefusal = 'STATE_UNKNOWN' | 'STATE_EXPIRED' | 'PROVIDER_REFUSED' | 'CODE_REFUSED'

/** A sign-in at a provider that this caller alone completes. */
export interface Claimed {
  readonly stateHash: string
  readonly identity: ProvenIdentity
}

type Flow = Row<ProviderFlowsTable>

interface Sought {
  readonly callback: Callback
  readonly flowToken: string
  /** Whose account is linked; null where somebody signs in. */
  readonly userId: string | null
}

/** Claims a flow; whoever does not know all that says whose it is claims none. */
const take = ({ db }: IdentityDeps, { callback, flowToken, userId }: Sought, now: Date) =>
  db.as<CoreDb>().transaction((trx) =>
    trx
      .updateTable('provider_flows')
      .set({ claimed_at: now.toISOString() })
      .where('state_hash', '=', tokenHash(callback.state))
      .where('flow_hash', '=', tokenHash(flowToken))
      .where('provider', '=', callback.provider)
      .where('purpose', '=', userId === null ? 'sign-in' : 'link')
      .where('user_id', userId === null ? 'is' : '=', userId)
      .where('claimed_at', 'is', null)
      .returningAll()
      .executeTakeFirst(),
  )

/** A sign-in whose code was used, and that waits for what is missing still. */
const takeUpAgain = ({ db }: IdentityDeps, { callback, flowToken }: Sought) =>
  db
    .as<CoreDb>()
    .read.selectFrom('provider_flows')
    .selectAll()
    .where('state_hash', '=', tokenHash(callback.state))
    .where('flow_hash', '=', tokenHash(flowToken))
    .where('provider', '=', callback.provider)
    .where('purpose', '=', 'sign-in')
    .where('identified', 'is not', null)
    .executeTakeFirst()

const isOver = (flow: Flow, now: Date): boolean => flow.expires_at <= now.toISOString()

/**
 * Looks up what a callback belongs to, before the transaction that signs in: the flow is claimed first, in a transaction of
 * its own, so that of many who bring the same callback one asks the provider; then the code is exchanged, while no
 * transaction waits. A provider that does not answer leaves a flow that is used up, and nothing else.
 */
export const claim = async (
  deps: IdentityDeps,
  ctx: ClaimContext,
  callback: Callback,
  userId: string | null,
  fail: Fail<'PROVIDER_OFF'>,
): Promise<Claimed | ClaimRefusal> => {
  const provider = deps.identityProviders.get(callback.provider) ?? fail('PROVIDER_OFF')
  const flowToken = callback.flowToken ?? flowCookie(ctx, callback.state)
  if (flowToken === undefined) return 'STATE_UNKNOWN'
  const sought = { callback, flowToken, userId }
  const { code, error } = callback
  const flow =
    code === undefined && error === undefined
      ? await takeUpAgain(deps, sought)
      : await take(deps, sought, ctx.now)
  if (!flow) return 'STATE_UNKNOWN'
  if (isOver(flow, ctx.now)) return 'STATE_EXPIRED'
  const { state_hash: stateHash } = flow
  if (flow.identified !== null)
    return { stateHash, identity: openIdentity(deps.vault, stateHash, flow.identified) }
  if (error !== undefined || code === undefined) return 'PROVIDER_REFUSED'
  const proof = openProof(deps.vault, stateHash, flow.proof)
  const found = await provider.identify(code, flow.redirect_url, proof, ctx.signal)
  if ('refusal' in found) {
    ctx.log.warn({ provider: callback.provider, reason: found.refusal }, 'sign-in not confirmed by provider')
    return 'CODE_REFUSED'
  }
  return { stateHash, identity: found.identity }
}

/** The claimed flow, held: of many who complete it at the same time, one finds it. */
export const holdFlow = (db: WriteDb<CoreDb>, stateHash: string): Promise<Flow | undefined> =>
  db
    .selectFrom('provider_flows')
    .selectAll()
    .where('state_hash', '=', stateHash)
    .forUpdate()
    .executeTakeFirst()

/** Keeps who was found, so that the sign-in can be completed with what is missing. */
export const keepIdentified = async (
  { vault }: IdentityDeps,
  db: WriteDb<CoreDb>,
  { stateHash, identity }: Claimed,
): Promise<void> => {
  await db
    .updateTable('provider_flows')
    .set({ identified: sealIdentity(vault, stateHash, identity) })
    .where('state_hash', '=', stateHash)
    .execute()
}

/** Ends a flow for good. */
export const endFlow = async (db: WriteDb<CoreDb>, stateHash: string): Promise<void> => {
  await db.deleteFrom('provider_flows').where('state_hash', '=', stateHash).execute()
}
