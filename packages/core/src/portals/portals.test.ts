import { type TestActor, type TestApp, testApp } from '@plinth/testing'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

const PASSWORD = 'correct horse battery'
const modules = { organizer: 'organizers', merchant: 'merchants' } as const
type PortalName = keyof typeof modules
// One pixel.
const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
)

let app: TestApp
let admin: TestActor
let made = 0
beforeAll(async () => {
  app = await testApp()
  admin = await app.as('admin')
})
afterAll(() => app[Symbol.asyncDispose]())

const refusal = (code: string) => ({ data: { code } })
const codeOf = (body: unknown) => (body as { code?: string }).code

const applicant = () => {
  made += 1
  return {
    email: `principal-${made}@example.com`,
    password: PASSWORD,
    name: 'Pat',
    organization: 'Concerts Ltd',
  }
}
const invitationFor = async (portal: PortalName, email: string): Promise<string> => {
  await admin.client.core[modules[portal]].invite.mutate({ email })
  await app.settle()
  const mail = (await app.mails()).find(({ to, subject }) => to === email && subject === 'An invitation')
  return /invitation=(pli_[\w-]+)/.exec(mail?.text ?? '')?.[1] ?? ''
}
const principal = async (portal: PortalName) => {
  const own = app.client.core[modules[portal]]
  const given = applicant()
  const profile = await own.register.mutate({
    ...given,
    invitation: await invitationFor(portal, given.email),
  })
  const { tokens } = await own.login.mutate({ email: given.email, password: PASSWORD })
  return { ...given, id: profile.id, token: tokens?.accessToken ?? '', refreshToken: tokens?.refreshToken }
}

describe.each(['organizer', 'merchant'] as const)('the portal of %ss', (portal) => {
  const other = portal === 'organizer' ? 'merchant' : 'organizer'
  const own = () => app.client.core[modules[portal]]
  const managed = () => admin.client.core[modules[portal]]

  test('lets in at once who was invited, for whom the mail proved the address', async () => {
    const given = applicant()
    const invitation = await invitationFor(portal, given.email)
    const profile = await own().register.mutate({ ...given, invitation })
    expect(profile).toMatchObject({ state: 'active', organization: 'Concerts Ltd', image: null })
    expect(profile.emailVerifiedAt).not.toBeNull()
    const { account } = await own().login.mutate({ email: given.email, password: PASSWORD })
    expect(account.id).toBe(profile.id)
  })

  test('takes an invitation once, in its time, for its address and its portal alone', async () => {
    const [one, two] = [applicant(), applicant()]
    const invitation = await invitationFor(portal, one.email)
    await expect(own().register.mutate({ ...two, invitation })).rejects.toMatchObject(
      refusal('INVITATION_UNKNOWN'),
    )
    await expect(
      app.client.core[modules[other]].register.mutate({ ...one, invitation }),
    ).rejects.toMatchObject(refusal('INVITATION_UNKNOWN'))
    const settled = await Promise.allSettled(
      Array.from({ length: 20 }, () => own().register.mutate({ ...one, invitation })),
    )
    expect(settled.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    const late = await invitationFor(portal, two.email)
    app.clock.advance(7 * 24 * 3_600_000)
    admin = await app.as('admin')
    await expect(own().register.mutate({ ...two, invitation: late })).rejects.toMatchObject(
      refusal('INVITATION_EXPIRED'),
    )
  })

  test('keeps out who was not invited until they are approved, and tells both outcomes by mail', async () => {
    const [good, bad] = [applicant(), applicant()]
    const pending = await own().register.mutate(good)
    const rejected = await own().register.mutate(bad)
    expect([pending.state, pending.emailVerifiedAt]).toEqual(['pending', null])
    const signIn = ({ email }: { email: string }) => own().login.mutate({ email, password: PASSWORD })
    await expect(signIn(good)).rejects.toMatchObject(refusal('ACCOUNT_PENDING'))
    const waiting = await admin.client.core.users.list.query({ portal, state: 'pending' })
    expect(waiting.items.map(({ id }) => id)).toEqual(expect.arrayContaining([pending.id, rejected.id]))
    await managed().approve.mutate({ id: pending.id })
    await managed().reject.mutate({ id: rejected.id, reason: 'Not a concert organizer' })
    await signIn(good)
    await expect(signIn(bad)).rejects.toMatchObject(refusal('INVALID_CREDENTIALS'))
    await expect(managed().approve.mutate({ id: pending.id })).rejects.toMatchObject(refusal('NOT_PENDING'))
    await expect(admin.client.core[modules[other]].approve.mutate({ id: pending.id })).rejects.toMatchObject(
      refusal('NOT_FOUND'),
    )
    await app.settle()
    const subjects = (await app.mails()).map(({ to, subject }) => `${to} ${subject}`)
    expect(subjects).toContain(`${good.email} Your account can be used again`)
    expect(subjects).toContain(`${bad.email} Your registration was rejected`)
  })

  test('has tokens that are good in it alone, and knows those of no other', async () => {
    const [here, there, user] = [await principal(portal), await principal(other), await app.as('user')]
    const profile = `/api/v1/${portal}/profile`
    const statusOf = async (path: string, token: string) => {
      const { status, body } = await app.rest('GET', path, { token })
      return [status, codeOf(body)]
    }
    expect(await statusOf(profile, here.token)).toEqual([200, undefined])
    const wrong = [401, 'TOKEN_WRONG_AUDIENCE']
    expect(await statusOf(profile, there.token)).toEqual(wrong)
    expect(await statusOf(profile, user.accessToken)).toEqual(wrong)
    expect(await statusOf(profile, admin.accessToken)).toEqual(wrong)
    for (const path of [`/api/v1/${other}/profile`, '/api/user/profile', '/api/v1/admin/users'])
      expect([path, await statusOf(path, here.token)]).toEqual([path, wrong])
  })

  test('shares addresses with nobody else: each signs in where they are known', async () => {
    const { email } = await principal(portal)
    await app.client.core.accounts.register.mutate({ email, password: 'another long phrase 9', name: 'Pat' })
    await expect(own().login.mutate({ email, password: 'another long phrase 9' })).rejects.toMatchObject(
      refusal('INVALID_CREDENTIALS'),
    )
    await expect(app.client.core.sessions.login.mutate({ email, password: PASSWORD })).rejects.toMatchObject(
      refusal('INVALID_CREDENTIALS'),
    )
    await expect(
      app.client.core[modules[other]].login.mutate({ email, password: PASSWORD }),
    ).rejects.toMatchObject(refusal('INVALID_CREDENTIALS'))
    await expect(own().register.mutate({ ...applicant(), email })).rejects.toMatchObject(
      refusal('EMAIL_TAKEN'),
    )
  })

  test('shows a profile with an image that is set, replaced and removed, and keeps no image that nothing shows', async () => {
    const { token } = await principal(portal)
    const path = `/api/v1/${portal}/profile`
    const changed = await app.rest('PUT', path, {
      token,
      body: { organization: 'Halls Ltd', name: 'Pat P.' },
    })
    expect(changed.body).toMatchObject({ organization: 'Halls Ltd', name: 'Pat P.' })
    const setImage = async () => {
      const body = new FormData()
      body.set('image', new File([PNG], 'me.png', { type: 'image/png' }))
      const { status, body: profile } = await app.rest('PUT', `${path}/image`, { token, body })
      return { status, url: (profile as { image: { url: string } }).image.url }
    }
    const first = await setImage()
    expect(first.status).toBe(200)
    const shown = await app.rest('GET', first.url)
    expect([shown.status, shown.headers.get('content-type')]).toEqual([200, 'image/png'])
    const second = await setImage()
    await app.settle()
    expect((await app.rest('GET', first.url)).status).toBe(404)
    expect((await app.rest('GET', second.url)).status).toBe(200)
    const removed = await app.rest('DELETE', `${path}/image`, { token })
    expect(removed.body).toMatchObject({ image: null })
    await app.settle()
    expect((await app.rest('GET', second.url)).status).toBe(404)
    const text = new FormData()
    text.set('image', new File(['<script>'], 'me.png', { type: 'image/png' }))
    expect((await app.rest('PUT', `${path}/image`, { token, body: text })).status).toBe(415)
  })

  test('ends a login at once when it is left, or its principal is disabled', async () => {
    const [leaving, disabled] = [await principal(portal), await principal(portal)]
    const path = `/api/v1/${portal}/profile`
    await app.rest('POST', `/api/v1/${portal}/logout`, { token: leaving.token })
    expect(codeOf((await app.rest('GET', path, { token: leaving.token })).body)).toBe('TOKEN_REVOKED')
    await admin.client.core.users.disable.mutate({ id: disabled.id })
    expect(codeOf((await app.rest('GET', path, { token: disabled.token })).body)).toBe('TOKEN_REVOKED')
    await expect(own().login.mutate({ email: disabled.email, password: PASSWORD })).rejects.toMatchObject(
      refusal('ACCOUNT_DISABLED'),
    )
  })

  test('renews its tokens for its own portal', async () => {
    const { refreshToken } = await principal(portal)
    const { tokens } = await app.client.core.sessions.refresh.mutate({ refreshToken })
    const token = tokens?.accessToken ?? ''
    expect((await app.rest('GET', `/api/v1/${portal}/profile`, { token })).status).toBe(200)
    expect((await app.rest('GET', '/api/user/profile', { token })).status).toBe(401)
  })
})
