import { CursorError } from '@plinth/db'
import type { KitTables } from '@plinth/kit'
import { describe, expect, test } from 'vitest'
import { at, DAY, HOUR, loginFixture, STANDING, start } from '../../test/login-fixture.ts'
import { loginStores } from '../../test/login-stores.ts'

describe.each(loginStores)('logins in %s', (name) => {
  const { db, logins, write, user, login, addTokens, timePasses, listed } = loginFixture(name)

  test('an access token stands for its user, login, role and portal, and one that nobody has for nothing', async () => {
    const userId = await user()
    const { id } = await login(userId)
    expect(await logins().find(`a-${id}`)).toEqual({
      userId,
      loginId: id,
      ...STANDING,
      portal: 'merchant',
      scopes: null,
      impersonatedBy: null,
      provenAt: start.toISOString(),
      expiresAt: at(HOUR / 4).toISOString(),
      ended: false,
    })
    expect(await logins().find(`a-${id}x`)).toBeUndefined()
    expect(await write((trx) => logins().findRefresh(trx, `r-${id}`))).toEqual({
      userId,
      loginId: id,
      portal: 'merchant',
      scopes: null,
      impersonatedBy: null,
      expiresAt: at(HOUR).toISOString(),
      endsAt: at(90 * DAY).toISOString(),
      used: false,
      ended: false,
    })
    expect(await write((trx) => logins().findRefresh(trx, `r-${id}x`))).toBeUndefined()
  })

  test('of twenty who spend a refresh token at the same time one does, and its second use is seen', async () => {
    const { id } = await login(await user())
    const spend = () => write((trx) => logins().spend(trx, `r-${id}`, at(1)))
    const spent = await Promise.all(Array.from({ length: 20 }, spend))
    expect(spent.filter(Boolean)).toHaveLength(1)
    expect((await write((trx) => logins().findRefresh(trx, `r-${id}`)))?.used).toBe(true)
    expect(await write((trx) => logins().spend(trx, 'r-nobody', at(1)))).toBe(false)
  })

  test('a login that is renewed lives longer, ends its access token and takes a new one', async () => {
    const { id, userId } = await login(await user())
    const expiresAt = at(2 * HOUR).toISOString()
    expect(await write((trx) => logins().renew(trx, { id, expiresAt }, at(HOUR / 2)))).toBe(true)
    expect((await logins().find(`a-${id}`))?.ended).toBe(true)
    await write((trx) => addTokens(trx, { id, userId }, at(HOUR / 2), '-2'))
    expect((await logins().find(`a-${id}-2`))?.ended).toBe(false)
    expect((await logins().find(`a-${id}`))?.ended).toBe(true)
    const { items } = await logins().list(db().as<KitTables>().read, { userId, limit: 5 }, at(HOUR))
    expect(items).toMatchObject([{ id, expiresAt, refreshedAt: at(HOUR / 2).toISOString() }])
  })

  test('one login is ended with all its tokens, once, and by nobody else', async () => {
    const userId = await user()
    const [one, other] = [await login(userId), await login(userId)]
    const end = (owner: string) =>
      write((trx) => logins().end(trx, { userId: owner, only: one.id }, 'ended', at(1)))
    expect(await end(await user())).toBe(0)
    expect((await logins().find(`a-${one.id}`))?.ended).toBe(false)
    expect([await end(userId), await end(userId)]).toEqual([1, 0])
    expect((await logins().find(`a-${one.id}`))?.ended).toBe(true)
    expect((await write((trx) => logins().findRefresh(trx, `r-${one.id}`)))?.ended).toBe(true)
    expect(await write((trx) => logins().renew(trx, { id: one.id, expiresAt: one.expiresAt }, at(2)))).toBe(
      false,
    )
    expect((await logins().find(`a-${other.id}`))?.ended).toBe(false)
    expect(await listed(userId)).toEqual([other.id])
  })

  test('all logins but one are ended, and those of others are not', async () => {
    const userId = await user()
    const own = [await login(userId, 0), await login(userId, 1), await login(userId, 2)]
    const foreign = await login(await user())
    const except = own[1]?.id ?? ''
    const end = () => write((trx) => logins().end(trx, { userId, except }, 'password-changed', at(3)))
    expect([await end(), await end()]).toEqual([2, 0])
    expect(await listed(userId, 3)).toEqual([except])
    expect((await logins().find(`a-${foreign.id}`))?.ended).toBe(false)
  })

  test('logins are listed newest first, page by page, without those that ended or expired', async () => {
    const userId = await user()
    const all = [0, 1, 2, 2, 3].map((ms) => login(userId, ms))
    const ids = (await Promise.all(all)).map(({ id }) => id)
    const short = await login(userId, 4, 10)
    await write((trx) => logins().end(trx, { userId, only: ids[1] ?? '' }, 'logout', at(5)))
    const newest = [0, 2, 3, 4].map((at) => ids[at] ?? '').sort((a, b) => (a < b ? 1 : -1))
    expect(await listed(userId, 5)).toEqual([short.id, ...newest])
    const seen: string[] = []
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const { items, nextCursor } = await logins().list(
        db().as<KitTables>().read,
        { userId, limit: 2, cursor },
        at(20),
      )
      expect(items.length).toBeLessThanOrEqual(2)
      seen.push(...items.map(({ id }) => id))
      cursor = nextCursor
    }
    expect(seen).toEqual(newest)
    expect(await listed(userId, 5 * HOUR)).toEqual([])
    const broken = logins().list(db().as<KitTables>().read, { userId, limit: 2, cursor: 'nonsense' }, at(20))
    await expect(broken).rejects.toThrow(CursorError)
  })

  test('what has expired is still told apart, and there is nothing left of it to end', async () => {
    const { id, userId } = await login(await user(), -2 * HOUR)
    expect(await logins().find(`a-${id}`)).toMatchObject({ expiresAt: at(-1.75 * HOUR).toISOString() })
    expect(await write((trx) => logins().end(trx, { userId, only: id }, 'ended', at(0)))).toBe(0)
    expect(await listed(userId)).toEqual([])
  })

  test('an idle access token is told apart for as long as its login can be renewed, and a week more', async () => {
    const { id } = await login(await user(), 0, 30 * DAY)
    const passUntil = timePasses()
    await passUntil(29 * DAY)
    const idle = await logins().find(`a-${id}`)
    expect(idle).toMatchObject({ loginId: id, expiresAt: at(HOUR / 4).toISOString(), ended: false })
    await passUntil(36 * DAY)
    expect(await logins().find(`a-${id}`)).toEqual(idle)
    await passUntil(38 * DAY)
    expect(await logins().find(`a-${id}`)).toBeUndefined()
  })

  test('an access token of a login that was ended is told apart as long', async () => {
    const { id, userId } = await login(await user(), 0, 30 * DAY)
    const passUntil = timePasses()
    await write((trx) => logins().end(trx, { userId, only: id }, 'logout', at(1)))
    await passUntil(36 * DAY)
    expect((await logins().find(`a-${id}`))?.ended).toBe(true)
    await passUntil(38 * DAY)
    expect(await logins().find(`a-${id}`)).toBeUndefined()
  })

  test('an access token that was replaced is told apart for a week after it expired and was replaced, and no longer', async () => {
    const renewAt = async ({ id, userId }: { id: string; userId: string }, ms: number) => {
      const expiresAt = at(ms + 30 * DAY).toISOString()
      await write(async (trx) => {
        await logins().renew(trx, { id, expiresAt }, at(ms))
        await addTokens(trx, { id, userId }, at(ms), '-2', 30 * DAY)
      })
    }
    const [busy, idle] = [await login(await user(), 0, 30 * DAY), await login(await user(), 0, 30 * DAY)]
    const passUntil = timePasses()
    await renewAt(busy, HOUR / 2)
    await passUntil(6 * DAY)
    expect((await logins().find(`a-${busy.id}`))?.ended).toBe(true)
    await passUntil(8 * DAY)
    expect(await logins().find(`a-${busy.id}`)).toBeUndefined()
    expect((await logins().find(`a-${busy.id}-2`))?.ended).toBe(false)
    await passUntil(20 * DAY)
    expect((await logins().find(`a-${idle.id}`))?.ended).toBe(false)
    await renewAt(idle, 20 * DAY)
    await passUntil(26 * DAY)
    expect((await logins().find(`a-${idle.id}`))?.ended).toBe(true)
    await passUntil(28 * DAY)
    expect(await logins().find(`a-${idle.id}`)).toBeUndefined()
    expect((await logins().find(`a-${idle.id}-2`))?.ended).toBe(false)
  })
})
