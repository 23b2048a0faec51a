import { createHash, randomBytes } from 'node:crypto'

/** Somebody who has an account at the provider. */
export interface Person {
  readonly subject: string
  readonly name: string
  /** Null: there is none, as for who signed up by phone. */
  readonly email: string | null
  readonly emailVerified: boolean
}

/** What a code stands for. */
export interface Grant {
  readonly person: Person
  readonly redirectUri: string
  readonly challenge: string
  readonly nonce: string | null
}

/** An application that the provider knows. */
export interface Client {
  readonly id: string
  readonly secret: string
  readonly redirectUris: readonly string[]
}

const CHALLENGE = /^[\w-]{43}$/

/** What is wrong with a request that a browser brings; null where it may go on to ask the person. */
export const authorizationFault = (query: URLSearchParams, client: Client): string | null => {
  if (query.get('client_id') !== client.id) return 'unknown client_id'
  if (!client.redirectUris.includes(query.get('redirect_uri') ?? '')) return 'redirect_uri is not registered'
  if (query.get('response_type') !== 'code') return 'response_type is not code'
  if (query.get('code_challenge_method') !== 'S256') return 'code_challenge_method is not S256'
  if (!CHALLENGE.test(query.get('code_challenge') ?? '')) return 'code_challenge is missing'
  if (!query.get('scope')) return 'scope is missing'
  return query.get('state') ? null : 'state is missing'
}

/** Keeps codes and tokens: a code is exchanged once, by whom and for what it was made. */
export const createGrants = (client: Client) => {
  const codes = new Map<string, Grant>()
  const people = new Map<string, Person>()
  return {
    code(grant: Grant): string {
      const code = randomBytes(24).toString('base64url')
      codes.set(code, grant)
      return code
    },
    /** The grant of a code, or the error of RFC 6749 that it is refused with. */
    redeem(form: URLSearchParams): Grant | 'invalid_client' | 'invalid_grant' | 'unsupported_grant_type' {
      if (form.get('client_id') !== client.id || form.get('client_secret') !== client.secret)
        return 'invalid_client'
      if (form.get('grant_type') !== 'authorization_code') return 'unsupported_grant_type'
      const code = form.get('code') ?? ''
      const grant = codes.get(code)
      // Used up whatever comes of it: who brings it wrongly may have stolen it.
      codes.delete(code)
      const challenge = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url')
      return grant?.challenge === challenge && grant.redirectUri === form.get('redirect_uri')
        ? grant
        : 'invalid_grant'
    },
    token(person: Person): string {
      const token = randomBytes(24).toString('base64url')
      people.set(token, person)
      return token
    },
    bearer: (header: string | undefined): Person | undefined =>
      people.get(/^Bearer (.+)$/.exec(header ?? '')?.[1] ?? ''),
  }
}
