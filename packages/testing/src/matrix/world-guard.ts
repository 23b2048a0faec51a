import type { CoreDb } from '@plinth/core'
import { json } from '@plinth/db'
import { newId } from '@plinth/kit'
import type { TestActor, TestApp } from '../test-app.ts'

const SAMPLED = '203.0.113.7'
const OTHER = '203.0.113.9'

const addRequests = async (app: TestApp, { account }: TestActor): Promise<void> => {
  const before = new Date(Date.parse(account.createdAt) - 1000)
  const row = (at: Date, sampled: boolean) => ({
    id: newId('req', at),
    at: at.toISOString(),
    request_id: 'a3f1c2d4e5f60718',
    method: 'POST',
    route: sampled ? 'core.sessions.login' : 'core.sessions.logout',
    path: '/api/v1/auth/login',
    address: sampled ? SAMPLED : OTHER,
    country: 'unknown',
    region: 'unknown',
    status: sampled ? 401 : 200,
    duration_ms: 1.5,
    received: 1,
    sent: 2,
    user_id: sampled ? account.id : null,
    user_agent: null,
    fingerprint: sampled ? '5d41402abc4b2a76b9719d91' : '0d41402abc4b2a76b9719d91',
    client: 'unknown' as const,
    bot_confidence: 'low' as const,
    signs: json([]),
    body: null,
  })
  await app.db.as<CoreDb>().transaction((trx) =>
    trx
      .insertInto('requests')
      .values([row(before, true), row(app.clock.now(), false)])
      .execute(),
  )
}

const addReputations = async (app: TestApp): Promise<void> => {
  const at = app.clock.now().toISOString()
  const rows = [SAMPLED, OTHER].map((network) => ({
    network,
    points: 1,
    toward: 1,
    points_at: at,
    step: null,
    step_at: null,
    offences: json({ limited: 1 }),
    last_offence_at: at,
    changed_at: at,
  }))
  await app.db.as<CoreDb>().transaction((trx) => trx.insertInto('reputations').values(rows).execute())
}

/** What samples of request defence are made from; it concerns nobody who calls. */
export const guardWorld = (app: TestApp, admin: TestActor, unique: () => string) => {
  const { addressRules, bans } = admin.client.core
  const addressRule = async (): Promise<string> =>
    (await addressRules.create.mutate({ effect: 'deny', range: '203.0.113.0/24', reason: unique() })).id
  const ban = async (address = SAMPLED): Promise<string> =>
    (await bans.create.mutate({ address, reason: unique() })).id
  return {
    addressRule,
    ban: () => ban(),
    async defended(): Promise<void> {
      await addressRule()
      await addressRules.create.mutate({
        effect: 'allow',
        routes: 'commerce.nowhere',
        range: OTHER,
        reason: unique(),
      })
      await ban()
      await bans.lift.mutate({ id: await ban(OTHER) })
      await addRequests(app, admin)
      await addReputations(app)
    },
  }
}
