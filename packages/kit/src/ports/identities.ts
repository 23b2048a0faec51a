/** What stands between the begin and the end of one sign-in at a provider; it never leaves the server. */
export interface IdentityProof {
  /** Of PKCE (RFC 7636). */
  readonly verifier: string
  /** Comes back in the ID token, where the provider makes one. */
  readonly nonce: string
}

/** Who somebody is at a provider. */
export interface ProvenIdentity {
  /** The same for ever, whatever becomes of name and address. */
  readonly subject: string
  /** In lower case; null where the provider tells none. */
  readonly email: string | null
  /** Whether the provider says that it has verified the address. */
  readonly emailVerified: boolean
  readonly name: string | null
}

/** What came of a code: who it stands for, or why it is not accepted. */
export type Identified = { readonly identity: ProvenIdentity } | { readonly refusal: string }

/** The sign-in of somebody else, by the authorization code flow. */
export interface IdentityProvider {
  /** What is asked of it. */
  readonly scopes: readonly string[]
  /** A proof for one sign-in. */
  newProof(): Promise<IdentityProof>
  /** Where a browser is sent to. */
  authorizationUrl(state: string, redirectUrl: string, proof: IdentityProof): Promise<string>
  /**
   * Exchanges a code for who somebody is.
   * @throws {OutsideError} where the provider does not answer, or not as it should.
   */
  identify(code: string, redirectUrl: string, proof: IdentityProof, signal: AbortSignal): Promise<Identified>
}

/** The providers that are on, by name. */
export type IdentityProviders = ReadonlyMap<string, IdentityProvider>
