import { createHmac } from 'node:crypto'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { idTokenMaker } from './id-tokens.ts'
import {
  authorizationFault,
  type Client,
  type createGrants,
  type Grant,
  type Person,
} from './oauth-grants.ts'

/** A way in which a provider can be wrong. */
export type Misbehaviour =
  | 'refuses'
  | 'down'
  | 'silent'
  | 'garbage'
  | 'endless'
  | 'error-with-200'
  | 'facebook-error'
  | 'knows-us-not'
  | 'other-nonce'
  | 'other-audience'
  | 'other-issuer'
  | 'expired'
  | 'forged'
  | 'unsigned'

/** What the endpoints of one provider share. */
export interface ProviderParts {
  readonly url: string
  readonly client: Client
  readonly misbehaves: ReadonlySet<Misbehaviour>
  readonly grants: ReturnType<typeof createGrants>
  readonly idTokens: ReturnType<typeof idTokenMaker>
  now(): Date
  /** Who opens an address, by what their browser keeps. */
  visitor(cookie: string | undefined): Person | undefined
  /** Takes note of a secret, and gives it back. */
  keep(secret: string): string
}

/** A request that was read. */
export interface Asked {
  readonly request: IncomingMessage
  readonly url: URL
  readonly body: string
}

type Endpoint = (parts: ProviderParts, asked: Asked, response: ServerResponse) => unknown

const sendJson = (response: ServerResponse, status: number, body: unknown): unknown =>
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))

const ID_TOKEN_SECONDS = 3600

const claimsOf = ({ url, client, misbehaves, now }: ProviderParts, { person, nonce }: Grant) => {
  const at = Math.floor(now().getTime() / 1000)
  const life = misbehaves.has('expired') ? -ID_TOKEN_SECONDS : ID_TOKEN_SECONDS
  return {
    iss: misbehaves.has('other-issuer') ? 'https://issuer.example' : url,
    aud: misbehaves.has('other-audience') ? 'somebody else' : client.id,
    sub: person.subject,
    iat: at,
    exp: at + life,
    nonce: misbehaves.has('other-nonce') ? 'another' : nonce,
    ...(person.email !== null && { email: person.email, email_verified: person.emailVerified }),
    name: person.name,
  }
}

const idTokenOf = (parts: ProviderParts, grant: Grant): string => {
  const { misbehaves, idTokens, keep } = parts
  const claims = claimsOf(parts, grant)
  if (misbehaves.has('unsigned')) return keep(idTokens.unsigned(claims))
  return keep(misbehaves.has('forged') ? idTokens.forge(claims) : idTokens.make(claims))
}

const authorize: Endpoint = (parts, { request, url: { searchParams: query } }, response) => {
  const { client, misbehaves, grants, keep, visitor } = parts
  const fault = authorizationFault(query, client)
  // Who may not be redirected to learns nothing (RFC 6749, 4.1.2.1).
  if (fault !== null) return sendJson(response, 400, { error: 'invalid_request', error_description: fault })
  const person = visitor(request.headers.cookie)
  if (!person) return sendJson(response, 401, { error: 'login_required' })
  const redirectUri = query.get('redirect_uri') ?? ''
  const target = new URL(redirectUri)
  target.searchParams.set('state', query.get('state') ?? '')
  if (misbehaves.has('refuses')) target.searchParams.set('error', 'access_denied')
  else {
    const challenge = query.get('code_challenge') ?? ''
    const code = grants.code({ person, redirectUri, challenge, nonce: query.get('nonce') })
    target.searchParams.set('code', keep(code))
  }
  return response.writeHead(302, { location: target.href }).end()
}

/** Says no, in the words of the provider that is played. */
const refuseCode = (
  { misbehaves }: ProviderParts,
  response: ServerResponse,
  error: 'invalid_client' | 'invalid_grant' | 'unsupported_grant_type',
): unknown => {
  if (misbehaves.has('facebook-error'))
    return sendJson(response, 400, { error: { message: 'no', type: 'OAuthException', code: 100 } })
  if (!misbehaves.has('error-with-200'))
    return sendJson(response, error === 'invalid_client' ? 401 : 400, { error })
  return sendJson(response, 200, { error: error === 'invalid_grant' ? 'bad_verification_code' : error })
}

const token: Endpoint = (parts, { body }, response) => {
  const { misbehaves, grants, keep } = parts
  const form = new URLSearchParams(body)
  keep(form.get('code_verifier') ?? '')
  const grant = misbehaves.has('knows-us-not') ? 'invalid_client' : grants.redeem(form)
  if (typeof grant === 'string') return refuseCode(parts, response, grant)
  return sendJson(response, 200, {
    access_token: keep(grants.token(grant.person)),
    token_type: 'Bearer',
    expires_in: ID_TOKEN_SECONDS,
    ...(grant.nonce !== null && { id_token: idTokenOf(parts, grant) }),
  })
}

/** An endpoint for who brings an access token. */
const forBearer =
  (
    answer: (parts: ProviderParts, asked: Asked, person: Person) => { status: number; body: unknown },
  ): Endpoint =>
  (parts, asked, response) => {
    const person = parts.grants.bearer(asked.request.headers.authorization)
    const { status, body } = person
      ? answer(parts, asked, person)
      : { status: 401, body: { error: 'invalid_token' } }
    return sendJson(response, status, body)
  }

const user = forBearer((_parts, _asked, { subject, name }) => ({
  status: 200,
  body: { id: Number(subject), login: 'octo', name },
}))

const emails = forBearer((_parts, _asked, { email, emailVerified }) => {
  const other = { email: 'other@example.org', primary: false, verified: true, visibility: null }
  const primary = { email, primary: true, verified: emailVerified, visibility: 'private' }
  return { status: 200, body: email === null ? [] : [other, primary] }
})

const me = forBearer(({ client }, { request, url }, { subject: id, name, email }) => {
  const accessToken = request.headers.authorization?.slice('Bearer '.length) ?? ''
  const proof = createHmac('sha256', client.secret).update(accessToken).digest('hex')
  return url.searchParams.get('appsecret_proof') === proof
    ? { status: 200, body: { id, name, ...(email !== null && { email }) } }
    : { status: 400, body: { error: { message: 'no proof', type: 'GraphMethodException', code: 100 } } }
})

/** What a provider answers, by method and path: as Google, GitHub and Facebook do. */
export const endpoints: Readonly<Record<string, Endpoint>> = {
  'GET /authorize': authorize,
  'POST /token': token,
  'GET /keys': ({ idTokens }, _asked, response) => sendJson(response, 200, idTokens.keys),
  'GET /user': user,
  'GET /user/emails': emails,
  'GET /me': me,
}
