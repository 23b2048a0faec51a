import type { Contract, PortalName } from '@plinth/contract'
import type { TestActor } from '../test-app.ts'
import { PNG } from './png.ts'
import type { Samples } from './sample.ts'
import type { World } from './world.ts'
import { PASSWORD } from './world-users.ts'

type Portal = Samples<Contract['core']['organizers'], World, TestActor>

const profile = {
  name: 'Ada Byron',
  organization: 'Concerts Ltd',
  phone: '+442012345678',
  locale: 'en-GB',
  timeZone: 'Europe/London',
}

const portalSamples = (portal: PortalName): Portal => ({
  register: {
    input: async (world) => {
      const email = `${world.unique().replace(' ', '-')}@example.com`
      return { ...profile, email, password: PASSWORD, invitation: await world.invitation(portal, email) }
    },
  },
  login: {
    async input(world) {
      const { email, password } = await world.principalOf(portal)
      return { email, password, transport: 'bearer' as const, deviceName: world.unique() }
    },
  },
  logout: { input: () => undefined, caller: (world) => world.principalOf(portal), endsLogin: true },
  get: { input: () => undefined },
  update: { input: () => profile },
  // Each another file: what stands behind the end of the image is of no matter to who shows it.
  setImage: {
    input: (world) => ({
      image: new File([PNG, world.unique()], `${world.unique()}.png`, { type: 'image/png' }),
    }),
    restless: true,
  },
  removeImage: { input: () => undefined },
  invite: { input: (world) => ({ email: `${world.unique().replace(' ', '-')}@example.com` }) },
  approve: { input: async (world) => ({ id: await world.applicant(portal) }) },
  reject: {
    input: async (world) => ({ id: await world.applicant(portal), reason: 'Not a concert organizer' }),
  },
})

/** How organizers act well. */
export const organizerSamples: Portal = portalSamples('organizer')

/** How merchants act well. */
export const merchantSamples = portalSamples('merchant') as Samples<
  Contract['core']['merchants'],
  World,
  TestActor
>
