interface Credentials {
  readonly email: string
  readonly password: string
}

/** Signs in over REST; answers the access token. */
export const signIn = async (url: string, { email, password }: Credentials): Promise<string> => {
  const response = await fetch(`${url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ email, password }),
  })
  const text = await response.text()
  if (!response.ok) throw new Error(`signing in answered ${response.status}: ${text.slice(0, 300)}`)
  const { tokens } = JSON.parse(text) as { tokens: { accessToken: string } }
  return tokens.accessToken
}

/** The slugs of a hundred products, so that looking one up is not always the same read. */
export const someSlugs = async (url: string): Promise<string[]> => {
  const response = await fetch(`${url}/api/v1/products?limit=100&sort=-price`)
  const { items } = (await response.json()) as { items: { slug: string }[] }
  return items.map(({ slug }) => slug)
}

/** Registers and signs in this many users; answers their access tokens. */
export const someUsers = async (url: string, count: number): Promise<string[]> => {
  const tokens: string[] = []
  for (let at = 0; at < count; at++) {
    const account = { email: `bench-user-${at}@example.com`, password: 'a long enough test phrase 7' }
    const response = await fetch(`${url}/api/v1/auth/register`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ ...account, name: `Bench User ${at}` }),
    })
    if (!response.ok && response.status !== 409)
      throw new Error(`registering answered ${response.status}: ${(await response.text()).slice(0, 300)}`)
    tokens.push(await signIn(url, account))
  }
  return tokens
}
