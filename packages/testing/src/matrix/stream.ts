import type { RestAnswer } from '../test-app.ts'

interface StreamOptions {
  readonly headers: Readonly<Record<string, string>>
  readonly token?: string
}

/** Whether the text of an event stream holds a whole value or error yet. */
const holdsValue = (text: string): boolean =>
  text
    .split('\n\n')
    .slice(0, -1)
    .some((block) => /^data:/m.test(block) && !/^event: ?(?:connected|ping)/m.test(block))

/** Reads an event stream until its first value, then hangs up; any other answer is read in whole. */
export const firstOfStream = async (url: string, { headers, token }: StreamOptions): Promise<RestAnswer> => {
  const end = new AbortController()
  const authorization: Record<string, string> =
    token === undefined ? {} : { authorization: `Bearer ${token}` }
  const response = await fetch(url, { headers: { ...authorization, ...headers }, signal: end.signal })
  const isStream = response.headers.get('content-type') === 'text/event-stream'
  let text = ''
  for await (const part of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    text += part
    if (isStream && holdsValue(text)) break
  }
  end.abort()
  return {
    status: response.status,
    headers: response.headers,
    text,
    body: isStream || text === '' ? undefined : JSON.parse(text),
  }
}
