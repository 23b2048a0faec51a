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

/**
 * Asks a provider for JSON. It follows no redirect and reads no more than 64 KiB.
 * @throws {Error} where there is no answer, or one that says that the provider is not well, or one that is no JSON.
 */
export const askJson = async (
  url: string,
  { headers, ...init }: Omit<RequestInit, 'headers'> & { headers?: Readonly<Record<string, string>> },
): Promise<JsonAnswer> => {
  const response = await fetch(url, {
    ...init,
    headers: { accept: 'application/json', 'user-agent': 'plinth', ...headers },
    redirect: 'error',
  })
  const { status } = response
  if (status >= 500 || status === 429) {
    await response.body?.cancel()
    throw new Error(`it answered ${status}`)
  }
  const text = await textOf(response)
  try {
    return { status, body: JSON.parse(text) as unknown }
  } catch (cause) {
    throw new Error(`it answered ${status} with what is no JSON`, { cause })
  }
}
