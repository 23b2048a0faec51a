import { type RestAnswer, type TestApp, testApp } from '@plinth/testing'

/** A server behind one proxy, whose clients have the addresses that a test gives them. */
export const guardedApp = (
  env: Readonly<Record<string, string>> = {},
  databaseUrl?: string,
): Promise<TestApp> =>
  testApp({ env: { PLINTH_TRUSTED_PROXIES: '1', ...env }, ...(databaseUrl !== undefined && { databaseUrl }) })

/** Writes what the guard of a server has noticed. */
export const flushed = async ({ composed }: TestApp): Promise<void> => composed.guard?.flush()

/** A request over REST from an address. */
export const ask = (
  app: TestApp,
  address: string,
  path: string,
  {
    method = 'GET',
    headers = {},
    body,
  }: { method?: string; headers?: Record<string, string>; body?: unknown } = {},
): Promise<RestAnswer> =>
  app.rest(method, path, { headers: { 'x-forwarded-for': address, ...headers }, body })

/** So many wrong passwords from an address. */
export const guessPasswords = async (app: TestApp, address: string, times: number): Promise<void> => {
  const body = { email: 'nobody@example.com', password: 'a wrong password 7' }
  await Promise.all(
    Array.from({ length: times }, () => ask(app, address, '/api/v1/auth/login', { method: 'POST', body })),
  )
}

/** The status and code that an address gets for a simple read. */
export const welcome = async (app: TestApp, address: string): Promise<string> => {
  const { status, body } = await ask(app, address, '/api/v1/products?limit=1')
  return status === 200 ? '200' : `${status} ${(body as { code: string }).code}`
}
