/** One part of a message: its headers by lower-case name, unfolded, and its body, decoded. */
interface MessagePart {
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** A message read back: its headers as they were sent, and its parts. */
export interface Message extends MessagePart {
  readonly parts: readonly MessagePart[]
}

const quotedPrintable = (body: string): string =>
  Buffer.from(
    body
      .replaceAll(/=\r\n/g, '')
      .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))),
    'latin1',
  ).toString('utf8')

const decode = (body: string, encoding = ''): string => {
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString('utf8')
  return encoding === 'quoted-printable' ? quotedPrintable(body) : body
}

const readPart = (raw: string): MessagePart => {
  const end = raw.indexOf('\r\n\r\n')
  const lines = raw
    .slice(0, end)
    .replaceAll(/\r\n[ \t]+/g, ' ')
    .split('\r\n')
  const headers = Object.fromEntries(
    lines.map((line) => {
      const at = line.indexOf(':')
      return [line.slice(0, at).toLowerCase(), line.slice(at + 1).trim()] as const
    }),
  )
  return { headers, body: decode(raw.slice(end + 4), headers['content-transfer-encoding']) }
}

/** Reads a message of one part, or of several that are alternatives (RFC 5322, RFC 2046). */
export const readMessage = (raw: string): Message => {
  const { headers, body } = readPart(raw)
  const boundary = /boundary="([^"]+)"/.exec(headers['content-type'] ?? '')?.[1]
  if (boundary === undefined) return { headers, body, parts: [{ headers, body }] }
  const parts = body.split(`--${boundary}`).slice(1, -1)
  return {
    headers,
    body,
    parts: parts.map((part) => readPart(part.replace(/^\r\n/, '').replace(/\r\n$/, ''))),
  }
}

/** A header's value with its encoded words (RFC 2047) decoded. */
export const headerText = (value = ''): string =>
  value
    .replaceAll(/\?=\s+=\?/g, '?==?')
    .replaceAll(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, kind: string, word: string) =>
      kind.toLowerCase() === 'b'
        ? Buffer.from(word, 'base64').toString('utf8')
        : quotedPrintable(word.replaceAll('_', ' ')),
    )
