import type { contract, RequestOptions } from '@plinth/contract'
import type { Handler } from '@plinth/kit'
import { heldUserById } from '../accounts/queries.ts'
import type { CoreDb } from '../db.ts'
import { newChallenge } from './challenges.ts'
import { descriptorsOf, userHandleOf } from './queries.ts'
import type { PasskeySettings } from './settings.ts'
import { ALGORITHMS } from './verify.ts'

type Passkeys = typeof contract.core.passkeys

const requestOf = (
  { rpId, challengeMs }: PasskeySettings,
  challenge: string,
  allowCredentials: RequestOptions['allowCredentials'],
): RequestOptions => ({
  challenge,
  rpId,
  timeout: challengeMs,
  userVerification: 'required',
  allowCredentials,
})

/** What a browser makes a passkey from. Those that the account has are named, so that no device makes a second one. */
export const registrationOptions =
  (site: PasskeySettings): Handler<Passkeys['registrationOptions'], CoreDb> =>
  async ({ ctx, fail }) => {
    const { userId, loginId } = ctx.actor
    ctx.audit({ target: userId })
    const user = (await heldUserById.first(ctx.db, { id: userId })) ?? fail('NOT_FOUND')
    const known = await descriptorsOf(ctx.db, userId)
    if (known.length >= site.most) fail('PASSKEYS_FULL')
    return {
      rp: { id: site.rpId, name: site.rpName },
      user: { id: userHandleOf(userId), name: user.email, displayName: user.name },
      challenge: await newChallenge(ctx, { purpose: 'register', loginId }, site.challengeMs),
      pubKeyCredParams: ALGORITHMS.map((alg) => ({ type: 'public-key', alg })),
      timeout: site.challengeMs,
      excludeCredentials: known.map(({ descriptor }) => descriptor),
      authenticatorSelection: {
        residentKey: 'required',
        requireResidentKey: true,
        userVerification: 'required',
      },
      attestation: 'none',
    }
  }

/** What a browser signs in with. It names no account and is the same for everybody, so that nothing can be found out. */
export const signInOptions =
  (site: PasskeySettings): Handler<Passkeys['signInOptions'], CoreDb> =>
  async ({ ctx }) =>
    requestOf(site, await newChallenge(ctx, { purpose: 'sign-in', loginId: null }, site.challengeMs), [])

/** What a browser proves with that the holder of this login is its owner. */
export const proofOptions =
  (site: PasskeySettings): Handler<Passkeys['proofOptions'], CoreDb> =>
  async ({ ctx }) => {
    const { userId, loginId } = ctx.actor
    const challenge = await newChallenge(ctx, { purpose: 'prove', loginId }, site.challengeMs)
    const known = await descriptorsOf(ctx.db, userId)
    const working = known.filter(({ works }) => works).map(({ descriptor }) => descriptor)
    return requestOf(site, challenge, working)
  }
