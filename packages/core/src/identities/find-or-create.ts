import type { ProviderName } from '@plinth/contract'
import type { Row } from '@plinth/db'
import type { Fail, ProvenIdentity } from '@plinth/kit'
import { heldUserByEmail, NEW_USER, searchText } from '../accounts/queries.ts'
import type { UsersTable } from '../accounts/tables.ts'
import type { SignInContext } from '../sessions/sign-in.ts'
import type { IdentityDeps } from './handlers.ts'
import { ownerOf } from './queries.ts'

type Refuse = Fail<
  'EMAIL_MISSING' | 'EMAIL_UNVERIFIED' | 'EMAIL_TAKEN' | 'EMAIL_DISPOSABLE' | 'ACCOUNT_UNVERIFIED'
>

/** The account that an identity signs in to: `known` by the identity, found by its `address`, or just made. */
export interface Found {
  readonly user: Row<UsersTable>
  readonly how: 'known' | 'address' | 'created'
}

interface Asked {
  readonly provider: ProviderName
  readonly identity: ProvenIdentity
  /** The address that the person gives where the provider tells none that is verified. */
  readonly email: string | undefined
}

const at = (path: string, message: string) => ({ commit: true, errors: [{ path, message }] })

/**
 * The address that an account is found or made by. Only one that the provider has verified leads to an account that is
 * there: anybody can write anybody's address into a profile.
 */
const addressOf = ({ identity, email }: Asked, refuse: Refuse) => {
  if (identity.emailVerified && identity.email !== null) return { address: identity.email, verified: true }
  const address = email ?? identity.email
  return { address: address ?? refuse('EMAIL_MISSING', at('email', 'is needed')), verified: false }
}

const nameOf = (name: string | null, address: string): string =>
  name ?? address.slice(0, address.indexOf('@')).slice(0, 100)

const create = async (
  { isDisposable }: IdentityDeps,
  ctx: SignInContext,
  { identity }: Asked,
  { address, verified }: { address: string; verified: boolean },
  refuse: Refuse,
): Promise<Row<UsersTable>> => {
  if (isDisposable(address)) refuse('EMAIL_DISPOSABLE', at('email', 'is of a throw-away mail service'))
  const id = ctx.newId('usr')
  const now = ctx.now.toISOString()
  const profile = { email: address, name: nameOf(identity.name, address) }
  const user = await ctx.db
    .insertInto('users')
    .values({
      ...profile,
      ...NEW_USER,
      id,
      email_verified_at: verified ? now : null,
      folded_text: searchText(profile),
      locale: 'en',
      time_zone: 'UTC',
      role: 'user',
      password_hash: null,
      created_at: now,
      updated_at: now,
      created_by: id,
      updated_by: id,
    })
    .returningAll()
    .executeTakeFirstOrThrow()
  // The mail that asks for a proof of the address follows, where there is none.
  ctx.emit('accounts.registered', { userId: id })
  if (verified) ctx.emit('accounts.verified', { userId: id })
  return user
}

/**
 * Finds the account of somebody whom a provider has identified, held, or makes one. An address joins them only where both
 * sides have verified it: the provider, and we. Else somebody could register an address that is not theirs, or write it
 * into a profile, and wait for its owner.
 */
export const findOrCreate = async (
  deps: IdentityDeps,
  ctx: SignInContext,
  asked: Asked,
  refuse: Refuse,
): Promise<Found> => {
  const owner = await ownerOf(ctx.db, asked.provider, asked.identity)
  if (owner) return { user: owner.user, how: 'known' }
  const { address, verified } = addressOf(asked, refuse)
  // Two providers may bring the same new address at the same time.
  await deps.db.dialect.lock(ctx.db, `email ${address}`)
  const user = await heldUserByEmail.first(ctx.db, { email: address })
  if (!user) return { user: await create(deps, ctx, asked, { address, verified }, refuse), how: 'created' }
  if (!verified && asked.email !== undefined) refuse('EMAIL_TAKEN', at('email', 'has an account'))
  if (!verified) refuse('EMAIL_UNVERIFIED', { commit: true })
  if (user.email_verified_at === null) refuse('ACCOUNT_UNVERIFIED', { commit: true })
  return { user, how: 'address' }
}
