import { createClient, fieldErrors, type Inputs, isPlinthError, type Outputs, paginate } from '@plinth/sdk'
import { answerCheck } from '@plinth/sdk/validation'
import { signWebhook, verifyWebhook } from '@plinth/sdk/webhooks'

declare const process: { readonly argv: readonly string[] }
declare const console: { log(text: string): void }

// What somebody writes who has nothing but the packed packages: everything here is typed by the contract.
const [, , url = '', email = '', password = ''] = process.argv
const client = createClient({ url, check: answerCheck() })

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

const walked: string[] = []
for await (const { name } of paginate(client.commerce.tags.list, {}, { max: 5 })) walked.push(name)

const secret = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw'
const { payload: webhook } = await verifyWebhook('{"a":1}', await signWebhook('{"a":1}', secret), secret)

const told = {
  first,
  role: account.role,
  name: profile.name,
  slug: tag.slug,
  refused,
  wrong,
  walked,
  webhook,
}
console.log(JSON.stringify(told))
