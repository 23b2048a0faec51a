import type { Database } from '@plinth/db'
import type { Clock, KitTables, Log, Metrics, Tracer } from '@plinth/kit'
import type { Settings } from '../settings.ts'
import { brokerPart } from './broker.ts'
import { openReplica } from './database.ts'
import { defencePart } from './defence.ts'
import { filesPart } from './files.ts'
import { mailPart } from './mail.ts'
import { outsidePart } from './outside.ts'
import { openShared } from './shared.ts'
import { smsPart } from './sms.ts'
import { socialPart } from './social.ts'
import { webhooksPart } from './webhooks.ts'

interface PortDeps {
  readonly db: Database<KitTables>
  readonly clock: Clock
  readonly log: Log
  readonly metrics: Metrics
  readonly tracer: Tracer | null
}

/** Opens everything that reaches beyond the process and its database, as the settings say. */
export const openPorts = async (settings: Settings, { db, clock, log, metrics, tracer }: PortDeps) => {
  const shared = await openShared(settings, { db, clock, log, metrics })
  const outside = outsidePart(settings, log, metrics, tracer)
  const mail = await mailPart(settings, { db, clock, outside })
  const sms = smsPart(settings, { db, clock, outside })
  const stored = await filesPart(settings, { clock, outside })
  const { replica, close: closeReplica } = await openReplica(settings, { db, outside, log, metrics, tracer })
  const broker = brokerPart(settings, { outside, log, metrics })
  return {
    ...shared,
    outside,
    mail,
    sms,
    stored,
    /** What the policies of the kit work with. */
    policies: { cache: shared.cache, limiter: shared.limiter, replica },
    broker,
    /** What the systems are given. */
    given: {
      bus: shared.bus,
      locks: shared.locks,
      logins: shared.logins,
      outside,
      defence: defencePart(settings, outside),
      mailer: mail.mailer,
      sms: sms.sender,
      files: stored.files,
      identityProviders: socialPart(settings, { outside, clock }),
      webhookSender: webhooksPart(settings),
    },
    /** To be asked when the systems are made: each names the dependencies that it has. */
    checks: () => [...outside.checks(), ...shared.checks],
    async close() {
      mail.close()
      stored.close()
      await broker.close()
      await shared.close()
      await closeReplica()
    },
  }
}
