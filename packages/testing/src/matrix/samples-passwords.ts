import type { Contract, PortalName } from '@plinth/contract'
import type { TestActor } from '../test-app.ts'
import type { Samples } from './sample.ts'
import type { World } from './world.ts'

type Modules = 'passwords' | 'organizerPasswords' | 'merchantPasswords'

const samplesOf = (portal: PortalName | null): Samples<Contract['core']['passwords'], World, TestActor> => ({
  forgot: {
    input: (world) => ({ email: `${world.unique().replace(' ', '-')}@example.com`, by: 'code' as const }),
  },
  reset: {
    input: async (world) => ({
      ...(await world.resetCode(portal)),
      newPassword: 'even longer horse battery',
    }),
  },
})

/** How forgotten passwords are called well. */
export const passwordSamples: Samples<Pick<Contract['core'], Modules>, World, TestActor> = {
  passwords: samplesOf(null),
  organizerPasswords: samplesOf('organizer'),
  merchantPasswords: samplesOf('merchant'),
}
