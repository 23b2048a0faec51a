import type { Fetch } from './fetch.ts'
import type { Progress } from './trace.ts'

interface XhrEvent {
  readonly loaded: number
  readonly total: number
  readonly lengthComputable: boolean
}

/** What is used of a browser's XMLHttpRequest: the one way in which a browser tells how far an upload is. */
interface Xhr {
  readonly status: number
  readonly responseText: string
  readonly upload: { addEventListener(type: 'progress', listener: (event: XhrEvent) => void): void }
  withCredentials: boolean
  open(method: string, url: string): void
  setRequestHeader(name: string, value: string): void
  getAllResponseHeaders(): string
  addEventListener(type: 'load' | 'error' | 'abort', listener: () => void): void
  abort(): void
  send(body: unknown): void
}

type OnProgress = (progress: Progress) => void

const answerOf = (request: Xhr): Response => {
  const lines = request
    .getAllResponseHeaders()
    .trim()
    .split(/[\r\n]+/)
  const headers = lines.map((line): [string, string] => {
    const at = line.indexOf(':')
    return [line.slice(0, at), line.slice(at + 1).trim()]
  })
  return new Response(request.responseText, { status: request.status, headers })
}

const byXhr =
  (request: Xhr, onProgress: OnProgress, withCookies: boolean): Fetch =>
  (url, { method = 'POST', headers, body, signal }) =>
    new Promise((resolve, reject) => {
      const stop = () => request.abort()
      request.open(method, url)
      request.withCredentials = withCookies
      for (const [name, value] of new Headers(headers)) request.setRequestHeader(name, value)
      request.upload.addEventListener('progress', ({ loaded, total, lengthComputable }) =>
        onProgress({ loaded, total: lengthComputable ? total : null }),
      )
      request.addEventListener('load', () => resolve(answerOf(request)))
      request.addEventListener('error', () => reject(new TypeError('The upload failed on its way')))
      request.addEventListener('abort', () => reject(signal?.reason as Error))
      if (signal?.aborted) return reject(signal.reason as Error)
      signal?.addEventListener('abort', stop, { once: true })
      request.send(body)
    })

const quoted = (name: string): string => name.replace(/\r\n|\r|\n/g, '%0D%0A').replace(/"/g, '%22')

/** A form as its multipart body (RFC 7578), of which the size is known before it is read. */
const multipart = (form: FormData): { body: Blob; type: string } => {
  const boundary = `plinth-${crypto.getRandomValues(new Uint32Array(4)).join('-')}`
  const parts: (string | Blob)[] = []
  form.forEach((value, name) => {
    const head = `--${boundary}\r\nContent-Disposition: form-data; name="${quoted(name)}"`
    if (typeof value === 'string') parts.push(`${head}\r\n\r\n${value}\r\n`)
    else {
      const type = value.type || 'application/octet-stream'
      parts.push(`${head}; filename="${quoted(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`, value, '\r\n')
    }
  })
  const body = new Blob([...parts, `--${boundary}--\r\n`])
  return { body, type: `multipart/form-data; boundary=${boundary}` }
}

/** Bytes that tell how many of them went by. */
export const counting = (total: number | null, onProgress: OnProgress) => {
  let loaded = 0
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      loaded += chunk.byteLength
      controller.enqueue(chunk)
      onProgress({ loaded, total })
    },
  })
}

const byStream =
  (fetch: Fetch, onProgress: OnProgress): Fetch =>
  (url, init) => {
    const { body, type } = multipart(init.body as FormData)
    const headers = new Headers(init.headers)
    headers.set('content-type', type)
    const stream = body.stream().pipeThrough(counting(body.size, onProgress))
    return fetch(url, { ...init, headers, body: stream, duplex: 'half' })
  }

/** A fetch for a form whose progress is told: by XMLHttpRequest where there is one, else by a stream that counts. */
export const uploading = (fetch: Fetch, onProgress: OnProgress, withCookies: boolean): Fetch => {
  const { XMLHttpRequest } = globalThis as { XMLHttpRequest?: new () => Xhr }
  return XMLHttpRequest
    ? (url, init) => byXhr(new XMLHttpRequest(), onProgress, withCookies)(url, init)
    : byStream(fetch, onProgress)
}
