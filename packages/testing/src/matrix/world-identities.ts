import type { Person } from '../outside/oauth-grants.ts'
import type { CallbackParameters, TestOAuthProvider } from '../outside/oauth-provider.ts'
import type { TestActor, TestApp } from '../test-app.ts'

/** A sign-in at a provider that only has to be completed. */
interface ReadyCallback extends CallbackParameters {
  readonly provider: 'google'
  readonly flowToken: string
}

/** What sample inputs of signing in with providers are made from. */
export interface IdentityWorld {
  /** Somebody comes back from a provider; they never were here before. */
  callback(): Promise<ReadyCallback>
  /** The same, to link an identity to an account. */
  linkCallback(of: TestActor): Promise<ReadyCallback>
  /** The id of an identity that is linked to an account. */
  identity(of: TestActor): Promise<string>
}

/** People who come from a provider, anew each time they are asked for. */
export const identityWorld = (app: TestApp, provider: TestOAuthProvider): IdentityWorld => {
  let made = 0
  const person = (): Person => {
    made += 1
    const email = `from-provider-${made}@example.com`
    return { subject: `sample-${made}`, name: 'Grace Hopper', email, emailVerified: true }
  }
  const ready = async (begun: { url: string; flowToken: string | null }): Promise<ReadyCallback> => ({
    provider: 'google',
    flowToken: begun.flowToken ?? '',
    ...(await provider.visit(begun.url, person())),
  })
  const linkCallback = async ({ client }: TestActor) =>
    ready(await client.core.identities.beginLink.mutate({ provider: 'google' }))
  return {
    callback: async () => ready(await app.client.core.identities.begin.mutate({ provider: 'google' })),
    linkCallback,
    async identity(of) {
      const linked = await of.client.core.identities.link.mutate(await linkCallback(of))
      return linked.identity.id
    },
  }
}
