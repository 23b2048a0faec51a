import { createHmac } from 'node:crypto'
import { type IdentityProvider, type Outside, OutsideError } from '@plinth/kit'
import { askJson } from './http.ts'
import { createProvider, type ProviderSettings, provenIdentity } from './provider.ts'

/**
 * Signing in with Facebook. It does not say whether it has verified an address, so none counts as verified, and it tells
 * none at all of who signed up by phone.
 */
export const createFacebook = (
  settings: ProviderSettings & { readonly userUrl: string },
  outside: Outside,
): IdentityProvider => {
  const dependency = outside.dependency('facebook')
  return createProvider({
    settings,
    dependency,
    async whoIs(tokens, _proof, signal) {
      const accessToken = tokens.accessToken()
      const url = new URL(settings.userUrl)
      url.searchParams.set('fields', 'id,name,email')
      // Shows that the token is used by the app that it was made for, as apps can demand.
      const proof = createHmac('sha256', settings.clientSecret).update(accessToken).digest('hex')
      url.searchParams.set('appsecret_proof', proof)
      const headers = { authorization: `Bearer ${accessToken}` }
      const { status, body } = await askJson(url.href, { headers, signal })
      if (status !== 200)
        throw new OutsideError(dependency.name, 'refused', { cause: new Error(`it answered ${status}`) })
      const { id, email, name } = (body ?? {}) as Readonly<Record<string, unknown>>
      return { identity: provenIdentity({ subject: id, email, emailVerified: false, name }) }
    },
  })
}
