import { expect, test } from 'vitest'
import { closeAll } from './close-all.ts'

test('a part that fails to close keeps none of those after it open, and its failure is told', async () => {
  const closed: string[] = []
  const part = (name: string, error?: Error) => async () => {
    closed.push(name)
    if (error) throw error
  }
  const broken = new Error('broken')
  await expect(closeAll([part('warmer', broken), part('jobs'), part('database')])).rejects.toBe(broken)
  expect(closed).toEqual(['warmer', 'jobs', 'database'])
  const both = closeAll([part('cache', broken), part('database', new Error('too'))])
  await expect(both).rejects.toMatchObject({ errors: [{ message: 'broken' }, { message: 'too' }] })
  await closeAll([part('all')])
})
