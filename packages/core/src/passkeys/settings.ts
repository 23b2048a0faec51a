/** The site that passkeys are made for, and how they are guarded. Times are milliseconds. */
export interface PasskeySettings {
  /** Domain that passkeys belong to (the relying party id). */
  readonly rpId: string
  /** The name of the site, which some browsers show. */
  readonly rpName: string
  /** Where pages may use them: origins of that domain, and of apps that speak for it. */
  readonly origins: readonly string[]
  readonly challengeMs: number
  /** The most that one account may have. */
  readonly most: number
}
