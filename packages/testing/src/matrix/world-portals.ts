import type { PortalName } from '@plinth/contract'
import { type TestActor, type TestApp, tokenClient } from '../test-app.ts'
import { newestMail } from './mail.ts'
import { PASSWORD } from './world-users.ts'

/** What samples of portals are made from. */
export interface PortalWorld {
  /** The token of an invitation that was just sent. */
  invitation(portal: PortalName, email: string): Promise<string>
  /** A principal of the portal, signed in. */
  principalOf(portal: PortalName): Promise<TestActor>
  /** The id of somebody who waits to be approved. */
  applicant(portal: PortalName): Promise<string>
}

/** Makes principals anew each time they are asked for. */
export const portalWorld = (app: TestApp, unique: () => string): PortalWorld => {
  const modules = { organizer: 'organizers', merchant: 'merchants' } as const
  const profile = () => ({
    email: `${unique().replace(' ', '-')}@example.com`,
    password: PASSWORD,
    name: 'Sample',
    organization: 'Samples Ltd',
  })
  const invitation = async (portal: PortalName, email: string): Promise<string> => {
    // A new one each time: samples are made long after the first, whose token has expired by then.
    const { client } = await app.as('admin')
    await client.core[modules[portal]].invite.mutate({ email })
    const mail = await newestMail(app, email)
    const [, token] = /invitation=(pli_[\w-]+)/.exec(mail?.text ?? '') ?? []
    if (token === undefined) throw new Error(`No invitation came for ${email}`)
    return token
  }
  return {
    invitation,
    async principalOf(portal) {
      const { email, password, ...more } = profile()
      const own = app.client.core[modules[portal]]
      await own.register.mutate({ ...more, email, password, invitation: await invitation(portal, email) })
      const { tokens, account } = await own.login.mutate({ email, password })
      if (!tokens) throw new Error('A login by bearer answers its tokens')
      return { ...tokens, account, email, password, client: tokenClient(app.url, tokens.accessToken) }
    },
    applicant: async (portal) => (await app.client.core[modules[portal]].register.mutate(profile())).id,
  }
}
