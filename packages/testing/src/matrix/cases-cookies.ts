import { strict as assert } from 'node:assert'
import { type Case, good, kept, writes } from './case.ts'
import { isRefusal, refusal, send } from './matrix.ts'

const cookieOf = (token: string): string => `plinth_access=${token}`

/** Headers of pages that are not ours, and of requests that do not say where they come from. */
const foreignHeaders = (url: string): readonly Readonly<Record<string, string>>[] => [
  {},
  { origin: 'https://elsewhere.example' },
  { origin: 'null' },
  { origin: `${url}.elsewhere.example` },
  { origin: url.replace(/\d+$/, '1') },
  { origin: 'https://elsewhere.example', 'sec-fetch-site': 'same-origin' },
  { 'sec-fetch-site': 'cross-site' },
  { 'sec-fetch-site': 'same-site' },
  { referer: `${url}/page` },
]

/** What is true of writes that come with a cookie, which browsers send unasked. */
export const cookieWrites: readonly Case[] = [
  {
    title: 'refuses a write by cookie that is not proved to come from an own page',
    applies: ({ procedure }) => writes(procedure),
    async run(subject) {
      const { request } = await kept(subject)
      const { accessToken } = await subject.target.callers.of('admin')
      for (const headers of foreignHeaders(subject.target.server.url)) {
        const all = { cookie: cookieOf(accessToken), ...headers }
        isRefusal(await send(subject, request, { headers: all }), refusal('ORIGIN_NOT_ALLOWED'))
      }
    },
  },
  {
    title: 'takes a call by cookie from an own page as it takes one by token',
    applies: ({ wire }) => !wire.inBatch,
    async run(subject) {
      const { request, token } = await good(subject)
      const cookie: Record<string, string> = token === undefined ? {} : { cookie: cookieOf(token) }
      const outcome = await send(subject, request, {
        headers: { ...cookie, origin: subject.target.server.url },
      })
      assert.equal(outcome.status, outcome.expected, `Answered ${outcome.answer.text}`)
    },
  },
]
