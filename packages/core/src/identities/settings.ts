/** How others' sign-ins are used. Times are milliseconds. */
export interface SocialSettings {
  /** Where a provider may send the browser back to, with `{provider}` for its name; the first is the default. */
  readonly redirectUrls: readonly [string, ...string[]]
  /** How long a sign-in at a provider may take. */
  readonly flowMs: number
  /** The most identities that one account may have. */
  readonly most: number
}
