import { hash } from 'node:crypto'
import { networkOf } from '@plinth/kit'
import { plainAddress } from './addresses.ts'

// What differs from one request of a client to the next: its order among the others tells nothing of who sends it.
const PASSING = new Set([
  'content-length',
  'content-type',
  'cookie',
  'authorization',
  'idempotency-key',
  'if-none-match',
  'if-modified-since',
  'range',
  'if-range',
  'referer',
  'origin',
  'x-request-id',
  'traceparent',
  'tracestate',
  'priority',
  'cache-control',
  'pragma',
])
const ACCEPTS = new Set(['accept', 'accept-language', 'accept-encoding'])

/** The range that a client keeps while its address changes within it: 24 bits of IPv4, 64 of IPv6. */
const rangeOf = (address: string): string => {
  const plain = plainAddress(address)
  return plain.includes(':') ? networkOf(plain) : plain.slice(0, plain.lastIndexOf('.'))
}

/**
 * What tells clients apart without a name: the order of their headers, the user agent, what they accept, and the range
 * of their address. Proxies add headers of their own, which are the same for all behind them.
 * @param rawHeaders names and values in turn, as they came.
 */
export const fingerprintOf = (rawHeaders: readonly string[], address: string): string => {
  let text = rangeOf(address)
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? ''
    const lower = name.toLowerCase()
    if (PASSING.has(lower) || lower.startsWith('x-forwarded-')) continue
    text += `\n${name}`
    if (lower === 'user-agent' || ACCEPTS.has(lower)) text += `: ${rawHeaders[at + 1]}`
  }
  return hash('sha256', text).slice(0, 24)
}
