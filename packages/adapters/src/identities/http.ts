const MOST_BYTES = 64 * 1024

/** What a provider answered: its status, and its body where that is a JSON object or list. */
export interface JsonAnswer {
  readonly status: number
  readonly body: unknown
}

const textOf = async (response: Response): Promise<string> => {
  const decoder = new TextDecoder()
  let [text, bytes] = ['', 0]
  // Fetch bounds nothing, and what comes from outside may not end.
  for await (const chunk of (response.body ?? []) as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength
    if (bytes > MOST_BYTES) throw new Error(`the answer is longer than ${MOST_BYTES} bytes`)
    text += decoder.decode(chunk, { stream: true })
  }
  return text
}

/** Fetches without following a redirect, and no more than 64 KiB. */
export const fetchBounded = async (url: string, init: RequestInit): Promise<Response> => {
  const response = await fetch(url, { ...init, redirect: 'error' })
  const { status, headers } = response
  return new Response(await textOf(response), { status, headers })
}

interface Ask extends Omit<RequestInit, 'headers'> {
  readonly headers?: Readonly<Record<string, string>>
}

/**
 * Asks a provider for JSON, within the bounds of {@link fetchBounded}.
 * @throws {Error} where there is no answer, or one that says that the provider is not well, or one that is no JSON.
 */
export const askJson = async (url: string, { headers, ...init }: Ask): Promise<JsonAnswer> => {
  const response = await fetchBounded(url, {
    ...init,
    headers: { accept: 'application/json', 'user-agent': 'plinth', ...headers },
  })
  const { status } = response
  if (status >= 500 || status === 429) throw new Error(`it answered ${status}`)
  try {
    return { status, body: await response.json() }
  } catch (cause) {
    throw new Error(`it answered ${status} with what is no JSON`, { cause })
  }
}
