import { type IdentityProvider, type Outside, OutsideError } from '@plinth/kit'
import { askJson } from './http.ts'
import { createProvider, type ProviderSettings, provenIdentity } from './provider.ts'

/** Where GitHub tells who somebody is. */
interface GithubUrls {
  readonly userUrl: string
  readonly emailsUrl: string
}

interface Address {
  readonly email?: unknown
  readonly primary?: unknown
  readonly verified?: unknown
}

const isAddress = (value: unknown): value is Address => typeof value === 'object' && value !== null

/** Signing in with GitHub, which tells addresses, and whether it has verified them, apart from the profile. */
export const createGithub = (settings: ProviderSettings & GithubUrls, outside: Outside): IdentityProvider => {
  const dependency = outside.dependency('github')
  const ask = async (url: string, accessToken: string, signal: AbortSignal): Promise<unknown> => {
    const headers = { authorization: `Bearer ${accessToken}`, accept: 'application/vnd.github+json' }
    const { status, body } = await askJson(url, { headers, signal })
    if (status === 200) return body
    throw new OutsideError(dependency.name, 'refused', { cause: new Error(`it answered ${status}`) })
  }
  return createProvider({
    settings,
    dependency,
    async whoIs(tokens, _proof, signal) {
      const accessToken = tokens.accessToken()
      const [user, emails] = await Promise.all([
        ask(settings.userUrl, accessToken, signal),
        ask(settings.emailsUrl, accessToken, signal),
      ])
      const { id, name, login } = (user ?? {}) as Readonly<Record<string, unknown>>
      const addresses = Array.isArray(emails) ? emails.filter(isAddress) : []
      const primary = addresses.find((each) => each.primary === true)
      const identity = provenIdentity({
        subject: id,
        email: primary?.email,
        emailVerified: primary?.verified === true,
        name: name ?? login,
      })
      return { identity }
    },
  })
}
