import { bufferedOutput, createLog, type DomainEvent, newId } from '@plinth/kit'

/** The log that the adapter is given. */
export const brokerLog = createLog({ level: 'silent', modules: {} }, bufferedOutput().destination).module(
  'broker',
)

/** An event with an id of its own. */
export const testEvent = (more: Partial<DomainEvent> = {}): DomainEvent => ({
  id: newId('evt', new Date()),
  type: 'things.created',
  timestamp: '2026-11-21T09:30:00.000Z',
  data: { name: 'ü' },
  traceparent: null,
  ...more,
})
