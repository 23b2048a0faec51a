import { type Fetch, type LinkFetch, toRequest } from './fetch.ts'

/** Why no answer came: the connection failed, or broke before the whole answer was there. */
export class NetworkFailure extends Error {
  override readonly name = 'NetworkFailure'
}

/** An answer that the server itself does not give, such as the page of a proxy in front of it. */
export class UnreadableAnswer extends Error {
  override readonly name = 'UnreadableAnswer'
  readonly status: number
  readonly headers: Headers

  constructor(response: Response) {
    const type = response.headers.get('content-type') ?? 'no content type'
    super(
      `The answer is not the server's own: status ${response.status} with ${type}. Is a proxy in between?`,
    )
    this.status = response.status
    this.headers = response.headers
  }
}

/** Runs what needs the network; any failure of it is a {@link NetworkFailure}. */
export const reach = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new NetworkFailure(`The server was not reached: ${why}`, { cause })
  }
}

/** The body of an answer as the JSON that a server of ours sends. */
export const readJson = async (response: Response): Promise<unknown> => {
  const text = await reach(() => response.text())
  if (!/^application\/([\w.-]+\+)?json\b/i.test(response.headers.get('content-type') ?? ''))
    throw new UnreadableAnswer(response)
  try {
    return JSON.parse(text)
  } catch {
    throw new UnreadableAnswer(response)
  }
}

/** A fetch for tRPC's links that tells a network that failed from an answer that nobody can read. */
export const reading =
  (fetch: Fetch): LinkFetch =>
  async (url, init) => {
    const response = await reach(() => fetch(...toRequest(url, init)))
    const json = await readJson(response)
    return Object.assign(response, { json: async () => json })
  }
