import type { IdentityProof, ProvenIdentity, Vault } from '@plinth/kit'

// What the vault opens is what was sealed here: nobody else can have made it.
const open = (vault: Vault, place: string, sealed: string): unknown => JSON.parse(vault.open(sealed, place))

/** Seals what a sign-in at a provider began with, for the hash of its state. */
export const sealProof = (vault: Vault, place: string, proof: IdentityProof): string =>
  vault.seal(JSON.stringify(proof), place)

/** Opens it again. */
export const openProof = (vault: Vault, place: string, sealed: string): IdentityProof =>
  open(vault, place, sealed) as IdentityProof

/** Seals who somebody is at a provider, for the time that something is missing still. */
export const sealIdentity = (vault: Vault, place: string, identity: ProvenIdentity): string =>
  vault.seal(JSON.stringify(identity), place)

/** Opens it again. */
export const openIdentity = (vault: Vault, place: string, sealed: string): ProvenIdentity =>
  open(vault, place, sealed) as ProvenIdentity
