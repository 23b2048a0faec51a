import { type Procedure, shapeOf, walk } from '@plinth/contract'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { z } from 'zod'
import type { TestActor } from '../test-app.ts'
import { matrixContract } from './drive/contract.ts'
import { callerOf, type Subject, send } from './matrix.ts'
import { sampleOf } from './sample.ts'
import { samples } from './samples.ts'
import { isRecord } from './wire.ts'
import { wiresOf } from './wires.ts'
import { type PlinthTarget, plinthTarget, type World } from './world.ts'

type Asked = Subject<World, TestActor>
type Input = Readonly<Record<string, unknown>>

const Page = z.object({
  items: z.array(z.record(z.string(), z.unknown())),
  nextCursor: z.string().nullable(),
})

const isPaged = ({ kind, output }: Procedure): boolean =>
  kind === 'query' && ['items', 'nextCursor'].every((key) => key in shapeOf(output))
const paged = [...walk(matrixContract)].filter(([, procedure]) => isPaged(procedure))

const MADE = 5
const ROLES = ['user', 'support', 'manager', 'admin'] as const
let target: PlinthTarget
beforeAll(async () => {
  target = await plinthTarget()
  const { world, callers } = target
  for (const role of ROLES) await callers.of(role)
  // What is done from here on is later than what made the callers.
  target.server.clock.advance(60_000)
  await world.oddProduct()
  await world.waitingDelivery()
  await world.userInState('banned')
  await world.principal('organizer')
  await world.defended()
  for (let count = 0; count < MADE; count += 1) {
    await world.product()
    await world.deletedUser()
    await world.deadJob()
    await world.failure()
    await world.scheduleRun()
    await world.delivery()
    for (const role of ROLES) {
      await world.document(await callers.of(role))
      await world.otherLogin(await callers.of(role))
      await world.device(await callers.of(role))
      await world.passkey(await callers.of(role))
      await world.identity(await callers.of(role))
      await world.apiKey(await callers.of(role))
    }
  }
})
afterAll(() => target[Symbol.asyncDispose]())

const subjectOf = (name: string, procedure: Procedure): Asked => {
  const sample = sampleOf<World, TestActor>(samples, name)
  const [wire] = wiresOf(name, procedure)
  if (!sample || !wire) throw new Error(`${name} has no sample input: add one`)
  return { name, procedure, sample, wire, target }
}

/** What the sample gives for the fields that a list can't be asked without. */
const neededOf = async (subject: Asked): Promise<Input> => {
  const needed = Object.entries(shapeOf(subject.procedure.input)).flatMap(([name, field]) =>
    field.safeParse(undefined).success ? [] : [name],
  )
  // A sample makes what it names anew, which would change the list that is read: most lists need none.
  if (needed.length === 0) return {}
  const sample: unknown = await subject.sample.input(target.world, (await callerOf(subject)) ?? null)
  return Object.fromEntries(needed.map((name) => [name, isRecord(sample) ? sample[name] : undefined]))
}

const ask = async (subject: Asked, input: Input) => {
  const token = (await callerOf(subject))?.accessToken
  const whole = { ...(await neededOf(subject)), ...input }
  return send(subject, subject.wire.encode(whole), { token })
}

const pageOf = async (subject: Asked, input: Input) => {
  const { code, body, answer } = await ask(subject, input)
  if (code !== null) throw new Error(`${subject.name} with ${JSON.stringify(input)} answered ${answer.text}`)
  return Page.parse(body)
}

const MOST_PAGES = 200

/** All items of a list, page after page. */
const readAll = async (subject: Asked, input: Input) => {
  const items: Input[] = []
  let pages = 0
  let cursor: string | null = null
  do {
    const page = await pageOf(subject, { ...input, ...(cursor !== null && { cursor }) })
    items.push(...page.items)
    cursor = page.nextCursor
    pages += 1
    expect(pages).toBeLessThan(MOST_PAGES)
  } while (cursor !== null)
  return { items, pages }
}

/** What an item is known by: its id, or its name where it has none. */
const idsOf = (items: readonly Input[]): string[] => items.map(({ id, name }) => String(id ?? name))

const PAGE_FIELDS = ['limit', 'cursor', 'sort', 'include']

/** The names of the filters that a list has: all that it can be asked without, and that say neither how much nor in which order. */
const filterNames = ({ input }: Procedure): readonly string[] =>
  Object.entries(shapeOf(input)).flatMap(([name, field]) =>
    !PAGE_FIELDS.includes(name) && field.safeParse(undefined).success ? [name] : [],
  )

/** A value for each filter: the sample's, or that of an item which stands in the list. */
const filtersOf = async (subject: Asked): Promise<readonly [string, unknown][]> => {
  const sample: unknown = await subject.sample.input(target.world, (await callerOf(subject)) ?? null)
  const { items } = await pageOf(subject, { limit: 1 })
  return filterNames(subject.procedure).map((name) => {
    const given = (isRecord(sample) ? sample[name] : undefined) ?? items[0]?.[name]
    // A switch leaves something out only where it is on.
    const value = shapeOf(subject.procedure.input)[name]?.safeParse(true).success ? true : given
    if (value === undefined || value === null)
      throw new Error(`The sample of ${subject.name} has no value for its filter ${name}: add one`)
    return [name, value]
  })
}

const sortsOf = ({ procedure }: Pick<Asked, 'procedure'>): readonly string[] => {
  const field = shapeOf(procedure.input).sort
  const array = field instanceof z.ZodDefault ? field.unwrap() : field
  return array instanceof z.ZodArray && array.element instanceof z.ZodEnum
    ? array.element.options.map(String)
    : []
}

test('some procedures answer pages', () => {
  expect(paged.length).toBeGreaterThan(0)
})

test.each(paged)(
  '%s answers the same items in the same order, whatever the size of the page',
  async (name, procedure) => {
    const subject = subjectOf(name, procedure)
    const whole = await readAll(subject, { limit: 100 })
    expect(whole.items.length).toBeGreaterThan(1)
    expect(new Set(idsOf(whole.items)).size).toBe(whole.items.length)
    for (const limit of [1, 2, whole.items.length])
      expect(idsOf((await readAll(subject, { limit: Math.min(limit, 100) })).items)).toEqual(
        idsOf(whole.items),
      )
  },
)

test.each(paged)('%s answers a first page, a last one, and none after it', async (name, procedure) => {
  const subject = subjectOf(name, procedure)
  const first = await pageOf(subject, { limit: 1 })
  expect(first.items).toHaveLength(1)
  expect(first.nextCursor).not.toBe(null)
  const { items, pages } = await readAll(subject, { limit: 2 })
  expect(pages).toBe(Math.ceil(items.length / 2))
  expect(idsOf(items).slice(0, 1)).toEqual(idsOf(first.items))
  expect((await pageOf(subject, { limit: 100 })).items.length).toBe(Math.min(items.length, 100))
})

test.each(paged)('%s refuses a page out of range or malformed by the field', async (name, procedure) => {
  const subject = subjectOf(name, procedure)
  const { nextCursor } = await pageOf(subject, { limit: 1 })
  const other = Buffer.from('["nothing"]').toString('base64url')
  const damaged = `${String(nextCursor).slice(0, -3)}!!!`
  const wrong: readonly Input[] = [
    ...[0, -1, 101, 1.5, 1e21, 'many', [], null].map((limit) => ({ limit })),
    ...['x', '', '%', '0', "' or 1=1 --", 'x'.repeat(5000), other, damaged].map((cursor) => ({ cursor })),
  ]
  for (const wire of wiresOf(name, procedure))
    for (const input of wrong) {
      // A list of none is no parameter at all in an address.
      if (wire.isText && Array.isArray(input.limit)) continue
      const { code, status, fields } = await ask({ ...subject, wire }, input)
      expect([input, code, status, [...new Set(fields)]]).toEqual([
        input,
        'INVALID_INPUT',
        422,
        Object.keys(input),
      ])
    }
})

const filtered = paged.filter(([, procedure]) => filterNames(procedure).length > 0)

test('some lists have filters', () => {
  expect(filtered.length).toBeGreaterThan(0)
})

test.each(filtered)('%s narrows by each filter, and by two to what both leave', async (name, procedure) => {
  const subject = subjectOf(name, procedure)
  const filters = await filtersOf(subject)
  const all = idsOf((await readAll(subject, { limit: 100 })).items)
  const leaves = async (...chosen: readonly (readonly [string, unknown])[]) =>
    idsOf((await readAll(subject, { limit: 100, ...Object.fromEntries(chosen) })).items)
  for (const one of filters) {
    const alone = await leaves(one)
    expect([one, alone.length > 0, alone.length < all.length]).toEqual([one, true, true])
    expect(alone.filter((id) => !all.includes(id))).toEqual([])
    for (const other of filters) {
      const both = new Set(await leaves(other))
      expect([one, other, await leaves(one, other)]).toEqual([one, other, alone.filter((id) => both.has(id))])
    }
  }
})

const own = paged.filter(
  ([, { access }]) => access === 'user' || (typeof access === 'object' && 'own' in access),
)

test('some lists are of what is one’s own', () => {
  expect(own.length).toBeGreaterThan(0)
})

test.each(own)('%s answers each user what is theirs, and nobody else’s', async (name, procedure) => {
  const subject = subjectOf(name, procedure)
  const { world } = target
  const lists: string[][] = []
  for (let count = 0; count < 2; count += 1) {
    const user = await world.someone('user')
    await world.document(user)
    await world.otherLogin(user)
    await world.identity(user)
    await world.passkey(user)
    await world.apiKey(user)
    const request = subject.wire.encode({ ...(await neededOf(subject)), limit: 100 })
    const { body } = await send(subject, request, { token: user.accessToken })
    lists.push(idsOf(Page.parse(body).items))
  }
  const [first = [], second = []] = lists
  expect([first.length > 0, second.length > 0]).toEqual([true, true])
  expect(first.filter((id) => second.includes(id))).toEqual([])
})

const sorted = paged.filter(([, procedure]) => sortsOf({ procedure }).length > 0)

test('some lists can be sorted', () => {
  expect(sorted.length).toBeGreaterThan(0)
})

/** What a sort goes by; money has its amount under another name. */
const valuesOf = (items: readonly Input[], field: string): unknown[] =>
  items.map((item) => (isRecord(item[field]) ? item[field].amount : item[field]))

test.each(sorted)(
  '%s sorts by each field up and down, alone, together and with a filter',
  async (name, procedure) => {
    const subject = subjectOf(name, procedure)
    const filters = await filtersOf(subject)
    for (const more of [{}, ...filters.map((filter) => Object.fromEntries([filter]))])
      for (const field of sortsOf(subject).filter((sort) => !sort.startsWith('-'))) {
        const up = await readAll(subject, { limit: 3, sort: [field], ...more })
        const down = await readAll(subject, { limit: 3, sort: [`-${field}`], ...more })
        const again = await readAll(subject, { limit: 100, sort: [field], ...more })
        expect(idsOf(again.items)).toEqual(idsOf(up.items))
        expect(valuesOf(down.items, field)).toEqual(valuesOf(up.items, field).toReversed())
        expect(idsOf(down.items).toSorted()).toEqual(idsOf(up.items).toSorted())
        const numbers = valuesOf(up.items, field).filter((value) => typeof value === 'number')
        expect(numbers).toEqual(numbers.toSorted((a, b) => a - b))
      }
  },
)

test.each(sorted)('%s breaks ties of one sort by the next', async (name, procedure) => {
  const subject = subjectOf(name, procedure)
  const fields = sortsOf(subject).filter((sort) => !sort.startsWith('-'))
  for (const first of fields)
    for (const second of fields.filter((field) => field !== first)) {
      const both = await readAll(subject, { limit: 4, sort: [first, `-${second}`] })
      const { items } = await readAll(subject, { limit: 100, sort: [`-${second}`] })
      const alone = await readAll(subject, { limit: 100, sort: [first] })
      const groups = Map.groupBy(items, (item) => JSON.stringify(valuesOf([item], first)))
      const order = [...new Set(valuesOf(alone.items, first).map((value) => JSON.stringify([value])))]
      const expected = order.flatMap((value) => valuesOf(groups.get(value) ?? [], second))
      expect([first, second, valuesOf(both.items, second)]).toEqual([first, second, expected])
    }
})
