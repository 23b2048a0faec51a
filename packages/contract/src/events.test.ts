import { expect, test } from 'vitest'
import { events, isEventName, webhookBody } from './events.ts'
import { shapeOf } from './schema.ts'

test.each(Object.entries(events))(
  '%s is named by module and what happened, and its example fits',
  (name, event) => {
    expect(name).toMatch(/^[a-z][a-zA-Z]*s\.[a-z]+ed$/)
    expect(event.summary).toMatch(/^[A-Z].*[^.]$/)
    const body = { type: name, timestamp: '2026-11-21T09:30:00.000Z', data: event.example }
    expect(webhookBody(name, event).parse(body)).toEqual(body)
  },
)

test.each(Object.entries(events))('%s tells ids, and nothing that is secret or personal', (_, { data }) => {
  for (const field of Object.keys(shapeOf(data))) expect(field).toMatch(/Id$/)
})

test('only what is declared is an event of the outside', () => {
  expect(isEventName('accounts.registered')).toBe(true)
  for (const name of ['accounts.verificationRequested', 'toString', '__proto__', ''])
    expect(isEventName(name)).toBe(false)
})
