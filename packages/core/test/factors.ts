import type { TestActor, TestApp } from '@plinth/testing'
import { totpCode } from '@plinth/testing/outside'

/** The page that passkeys of tests are made in. */
export const PAGE = 'http://localhost:4000'

/** The settings of a server whose web application is that page. */
export const FACTOR_ENV = { PLINTH_WEB_URL: PAGE }

const STEP_MS = 30_000

/** Somebody with an authenticator app on. */
export interface WithTotp extends TestActor {
  readonly secret: string
  readonly recoveryCodes: readonly string[]
  /** What the app shows now, or some steps of 30 seconds from now. */
  code(steps?: number): string
}

/** Somebody new who has switched an authenticator app on; the code of this step is used. */
export const withTotp = async (app: TestApp, actor?: TestActor): Promise<WithTotp> => {
  const who = actor ?? (await app.as('user'))
  const { secondFactors } = who.client.core
  const { secret } = await secondFactors.enrolTotp.mutate()
  const code = (steps = 0) => totpCode(secret, new Date(app.clock.now().getTime() + steps * STEP_MS))
  const { recoveryCodes } = await secondFactors.confirmTotp.mutate({ code: code() })
  return { ...who, secret, recoveryCodes, code }
}

/** Signs in with a password and, where one is given, a second factor; answers the login or the code of the refusal. */
export const signInBy = async (
  app: TestApp,
  { email, password }: Pick<TestActor, 'email' | 'password'>,
  secondFactor?: { code: string } | { recoveryCode: string },
) => {
  const body = { email, password, ...(secondFactor && { secondFactor }) }
  const answer = await app.rest('POST', '/api/v1/auth/login', { body })
  const { code, loginId } = answer.body as { code?: string; loginId?: string }
  return { ...answer, code: code ?? null, loginId }
}

/** Subjects of the mails that somebody got, oldest first. */
export const subjectsFor = async (app: TestApp, email: string): Promise<string[]> => {
  await app.settle()
  const mails = (await app.mails()).filter(({ to }) => to === email)
  return mails.map(({ subject }) => subject).toReversed()
}

/** Counts the answers by their codes. */
export const tally = (codes: readonly (string | null)[]): Record<string, number> => {
  const groups = Map.groupBy(codes, (code) => code ?? 'done')
  return Object.fromEntries([...groups].map(([code, all]) => [code, all.length]))
}
