import type { Assertion, Attestation } from '@plinth/contract'
import { testAuthenticator } from '../outside/authenticator.ts'
import { totpCode } from '../outside/totp.ts'
import type { Role, TestActor, TestApp } from '../test-app.ts'

/** The page that passkeys of the matrix are made in. */
export const PAGE = 'http://localhost:3000'

const STEP_MS = 30_000

/** What sample inputs of second factors and passkeys are made from. */
export interface FactorWorld {
  /** Somebody who has begun to use an authenticator app. */
  enrolling(role: Role): Promise<TestActor>
  /** Somebody who has an authenticator app on. */
  withTotp(role: Role): Promise<TestActor>
  /** A code of the app of one of those, which was not used yet. */
  code(of: TestActor): string
  /** A passkey that the browser of an account has just made. */
  newPasskey(of: TestActor): Promise<Attestation>
  /** The id of a passkey of an account. */
  passkey(of: TestActor): Promise<string>
  /** A signature of a passkey of some account, to sign in with. */
  signedByPasskey(): Promise<Assertion>
}

const addPasskey = async ({ client: { core } }: TestActor) => {
  const authenticator = testAuthenticator({ origin: PAGE })
  const credential = authenticator.create(await core.passkeys.registrationOptions.mutate())
  return { authenticator, added: await core.passkeys.register.mutate({ credential }) }
}

/** The second factors and passkeys of a server. */
export const factorWorld = (app: TestApp): FactorWorld => {
  const secrets = new Map<string, string>()
  const codeAt = ({ account }: TestActor, laterMs: number): string => {
    const secret = secrets.get(account.id)
    if (secret === undefined) throw new Error('This account has no authenticator app')
    return totpCode(secret, new Date(app.clock.now().getTime() + laterMs))
  }
  const enrolling = async (role: Role): Promise<TestActor> => {
    const actor = await app.as(role)
    const { secret } = await actor.client.core.secondFactors.enrolTotp.mutate()
    secrets.set(actor.account.id, secret)
    return actor
  }
  return {
    enrolling,
    async withTotp(role) {
      const actor = await enrolling(role)
      // The step before is good too; the one of now is left to the sample.
      await actor.client.core.secondFactors.confirmTotp.mutate({ code: codeAt(actor, -STEP_MS) })
      return actor
    },
    code: (of) => codeAt(of, 0),
    async newPasskey({ client }) {
      const options = await client.core.passkeys.registrationOptions.mutate()
      return testAuthenticator({ origin: PAGE }).create(options)
    },
    passkey: async (of) => (await addPasskey(of)).added.id,
    async signedByPasskey() {
      const { authenticator } = await addPasskey(await app.as('user'))
      return authenticator.get(await app.client.core.passkeys.signInOptions.mutate())
    },
  }
}
