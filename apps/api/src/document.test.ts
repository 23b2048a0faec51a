import { events } from '@plinth/contract'
import { testApp } from '@plinth/testing'
import { expect, test } from 'vitest'
import { z } from 'zod'

const Webhook = z.object({
  post: z.object({
    summary: z.string(),
    parameters: z.array(z.object({ name: z.string(), in: z.literal('header'), required: z.literal(true) })),
    requestBody: z.object({
      content: z.object({
        'application/json': z.object({
          schema: z.object({ properties: z.object({ type: z.object({ const: z.string() }) }) }),
          example: z.object({ type: z.string(), data: z.unknown() }),
        }),
      }),
    }),
  }),
})

test('the document tells of every public event, with its headers and its payload', async () => {
  await using app = await testApp()
  const { body } = await app.rest('GET', '/openapi.json')
  const { webhooks } = z.object({ webhooks: z.record(z.string(), Webhook) }).parse(body)
  expect(Object.keys(webhooks)).toEqual(Object.keys(events))
  for (const [name, { post }] of Object.entries(webhooks)) {
    expect(post.parameters.map((parameter) => parameter.name)).toEqual([
      'webhook-id',
      'webhook-timestamp',
      'webhook-signature',
    ])
    const { schema, example } = post.requestBody.content['application/json']
    expect([schema.properties.type.const, example.type]).toEqual([name, name])
  }
})
