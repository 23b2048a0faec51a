import { createClient, fieldErrors, type Inputs, isPlinthError, type Outputs } from '@plinth/sdk'

declare const process: { readonly argv: readonly string[] }
declare const console: { log(text: string): void }

// What somebody writes who has nothing but the packed packages: everything here is typed by the contract.
const [, , url = '', email = '', password = ''] = process.argv
const client = createClient({ url })

const input: Inputs['commerce']['products']['list'] = { limit: 5, sort: ['-price', 'name'] }
const page: Outputs['commerce']['products']['list'] = await client.commerce.products.list.query(input)
const first: string | undefined = page.items[0]?.name

// @ts-expect-error there is no such procedure
client.commerce.products.lost satisfies undefined
// @ts-expect-error a limit is a number
input.limit = 'five'

const { account } = await client.core.sessions.login.mutate({ email, password })
const profile = await client.core.accounts.update.mutate({ name: 'Ada Byron' })
const tag = await client.commerce.tags.create.mutate({ name: 'From a program' })

const refused = await client.commerce.tags.create.mutate({ name: 'Again', slug: tag.slug }).then(
  () => 'created',
  (error: unknown) => (isPlinthError(error, 'SLUG_TAKEN') ? error.data.code : 'unknown'),
)
const wrong = await client.commerce.tags.create.mutate({ name: '' }).then(
  () => ({}),
  (error: unknown) => fieldErrors(error),
)

console.log(JSON.stringify({ first, role: account.role, name: profile.name, slug: tag.slug, refused, wrong }))
