import { isDeepStrictEqual } from 'node:util'
import type { Asked, Requests } from './works/types.ts'

interface Target {
  readonly server: { readonly url: string }
  readonly requests: Requests
}

const MOST = 200

const read = async ({ server, requests }: Target, { path, headers }: Asked): Promise<unknown> => {
  const response = await fetch(server.url + path, { headers })
  const text = await response.text()
  if (!response.ok) throw new Error(`${path} answered ${response.status}: ${text.slice(0, 300)}`)
  return requests.unwrap(JSON.parse(text))
}

// Each server has cursors of its own make; what counts is that there is one.
const comparable = (result: unknown): unknown =>
  typeof result === 'object' && result !== null && 'nextCursor' in result
    ? { ...result, nextCursor: typeof result.nextCursor }
    : result

/** Makes sure that both servers answer each of these reads alike; throws for the first that differs. */
export const checkEqual = async (floor: Target, plinth: Target): Promise<void> => {
  for (const [at, asked] of plinth.requests.asked.slice(0, MOST).entries()) {
    const same = floor.requests.asked[at]
    if (!same) throw new Error(`the floor has no request beside ${asked.path}`)
    const expected = comparable(await read(floor, same))
    if (!isDeepStrictEqual(comparable(await read(plinth, asked)), expected))
      throw new Error(`${asked.path} is not answered as by the floor`)
  }
}
