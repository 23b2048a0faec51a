import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createLog } from '@plinth/kit'
import { expect, test } from 'vitest'
import { createAlerts } from './alerts.ts'
import { createAlertWebhook } from './webhook.ts'

/** A receiver over loopback that answers as it is told to. */
const receiver = async () => {
  const received: Record<string, unknown>[] = []
  const state = { status: 200 }
  const server = createServer((incoming, outgoing) => {
    let body = ''
    incoming.on('data', (chunk) => (body += String(chunk)))
    incoming.on('end', () => {
      if (state.status === 200) received.push(JSON.parse(body) as Record<string, unknown>)
      outgoing.writeHead(state.status).end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/alerts`
  return {
    url,
    received,
    state,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

const clock = { now: () => new Date('2026-11-21T12:00:00.000Z') }
const silent = createLog({ level: 'silent', modules: {} }).root

test('a condition is told once when it begins and once when it is over', async () => {
  await using hook = await receiver()
  const alerts = createAlerts({ clock, log: silent, channel: createAlertWebhook(hook.url, 1000) })
  await alerts.clear('disk')
  for (const free of ['9 %', '8 %', '7 %']) await alerts.raise('disk', `${free} free`)
  expect([...alerts.raised()]).toEqual([['disk', '7 % free']])
  await alerts.clear('disk')
  await alerts.clear('disk')
  await alerts.raise('disk', '6 % free')
  const at = clock.now().toISOString()
  expect(hook.received).toEqual([
    { state: 'raised', condition: 'disk', summary: '9 % free', at },
    { state: 'cleared', condition: 'disk', summary: '7 % free', at },
    { state: 'raised', condition: 'disk', summary: '6 % free', at },
  ])
})

test('an alert that its receiver did not take over is sent again, and so is its end', async () => {
  await using hook = await receiver()
  const alerts = createAlerts({
    clock: clock,
    log: silent,
    channel: createAlertWebhook(hook.url, 1000),
  })
  hook.state.status = 503
  await alerts.raise('backup', 'overdue')
  expect(hook.received).toEqual([])
  hook.state.status = 200
  await alerts.raise('backup', 'overdue')
  hook.state.status = 500
  await alerts.clear('backup')
  expect(alerts.raised().has('backup')).toBe(true)
  hook.state.status = 200
  await alerts.clear('backup')
  expect(hook.received.map(({ state }) => state)).toEqual(['raised', 'cleared'])
})

test('conditions are bounded', async () => {
  const alerts = createAlerts({ clock: clock, log: silent })
  for (let index = 0; index < 1100; index += 1) await alerts.raise(`condition ${index}`, 'x')
  expect(alerts.raised().size).toBe(1000)
})
