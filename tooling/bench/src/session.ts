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
