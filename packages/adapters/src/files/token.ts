import { createHmac, timingSafeEqual } from 'node:crypto'

/** What a signed address of the folder stands for. */
export interface FileTicket {
  readonly key: string
  readonly filename?: string | undefined
  readonly inline?: boolean | undefined
}

type Packed = readonly [key: string, expiresAt: number, filename: string | null, inline: boolean]

/** Makes and reads the tokens of signed addresses. They are good for files only, though other addresses share the secret. */
export const createTokens = (secret: string) => {
  const key = createHmac('sha256', secret).update('plinth files').digest()
  const sign = (text: string): Buffer => createHmac('sha256', key).update(text).digest()
  return {
    make({ key: file, filename, inline }: FileTicket, expiresAt: number): string {
      const packed: Packed = [file, expiresAt, filename ?? null, inline ?? false]
      const text = Buffer.from(JSON.stringify(packed)).toString('base64url')
      return `${text}.${sign(text).toString('base64url')}`
    },
    /** Null for anything but an unspoilt, unexpired one of ours. */
    read(token: string, now: number): FileTicket | null {
      const [text = '', given = ''] = token.split('.')
      const expected = sign(text)
      const actual = Buffer.from(given, 'base64url')
      if (actual.length !== expected.length || !timingSafeEqual(actual, expected)) return null
      const [file, expiresAt, filename, inline] = JSON.parse(
        Buffer.from(text, 'base64url').toString(),
      ) as Packed
      return expiresAt > now ? { key: file, filename: filename ?? undefined, inline } : null
    },
  }
}
