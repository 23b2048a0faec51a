import type { Exchange } from '../exchange.ts'
import type { Prepared } from '../pipeline.ts'
import { prepareAccess } from '../policies/access.ts'
import { principalOf } from '../policies/actor.ts'
import type { Service } from '../service.ts'

const JUDGED_EVERY_MS = 60_000

/**
 * Prepares judging anew whether a subscription may go on, for it may outlive its token, and a login be ended meanwhile.
 * Asked before each value, it looks once a minute; while nothing is sent, nothing has to be judged.
 * @throws {Failure} what the same call would be refused with now.
 */
export const prepareJudge = ({ name, procedure }: Prepared, { deps }: Service) => {
  const { authenticator, clock } = deps
  const admit = prepareAccess(name, procedure, deps)
  return (exchange: () => Exchange): (() => Promise<void> | void) => {
    let judgedAt = clock.now().getTime()
    const judge = async (now: number): Promise<void> => {
      const fresh = exchange()
      admit(fresh, await principalOf(fresh, authenticator, clock))
      judgedAt = now
    }
    return () => {
      const now = clock.now().getTime()
      return now - judgedAt < JUDGED_EVERY_MS ? undefined : judge(now)
    }
  }
}
