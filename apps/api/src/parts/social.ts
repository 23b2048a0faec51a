import { createFacebook, createGithub, createGoogle } from '@plinth/adapters'
import type { Clock, IdentityProvider, IdentityProviders, Outside } from '@plinth/kit'
import type { Settings } from '../settings.ts'

interface Given {
  readonly clientId?: string | undefined
  readonly clientSecret?: string | undefined
}

/** The providers that the settings name an application for. */
export const socialPart = (
  { social: { google, github, facebook } }: Settings,
  { outside, clock }: { outside: Outside; clock: Clock },
): IdentityProviders => {
  const providers = new Map<string, IdentityProvider>()
  const add = <S extends Given>(
    name: string,
    settings: S,
    create: (settings: S & { clientId: string; clientSecret: string }) => IdentityProvider,
  ): void => {
    const { clientId, clientSecret } = settings
    if (clientId === undefined || clientSecret === undefined) return
    providers.set(name, create({ ...settings, clientId, clientSecret }))
  }
  add('google', google, (settings) => createGoogle(settings, { outside, clock }))
  add('github', github, (settings) => createGithub(settings, outside))
  add('facebook', facebook, (settings) => createFacebook(settings, outside))
  return providers
}
