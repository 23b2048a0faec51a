import { type Procedure, type Route, successStatus } from '@plinth/contract'
import { fieldsRefused, formOf, isRecord, type Wire } from './wire.ts'

const JSON_TYPE = { 'content-type': 'application/json' }

const textOf = (value: unknown): string => (typeof value === 'string' ? value : (JSON.stringify(value) ?? ''))

function* pairs(name: string, value: unknown): Generator<[string, string]> {
  if (value === undefined) return
  if (Array.isArray(value)) for (const item of value) yield* pairs(name, item)
  else if (isRecord(value))
    for (const [key, item] of Object.entries(value)) yield* pairs(`${name}[${key}]`, item)
  else yield [name, textOf(value)]
}

const pathOf = (route: Route, input: Readonly<Record<string, unknown>>): string =>
  `/api/v1${route.path.replace(/\{(\w+)\}/g, (_, param: string) => encodeURIComponent(textOf(input[param]).toWellFormed()))}`

/** A call at one REST route. */
export const restWire = (name: string, { kind }: Procedure, route: Route): Wire => {
  const { method } = route
  const hasBody = method !== 'GET' && method !== 'DELETE'
  const split = (input: unknown) => {
    const whole = isRecord(input) ? input : {}
    return {
      path: pathOf(route, whole),
      rest: Object.entries(whole).filter(([key]) => !route.params.includes(key)),
    }
  }
  return {
    title: `${method} ${route.path}`,
    route,
    hasBody,
    inBatch: false,
    isText: !hasBody || kind === 'upload',
    encode(input) {
      const { path, rest } = split(input)
      if (!hasBody) {
        const query = new URLSearchParams(rest.flatMap(([key, value]) => [...pairs(key, value)]))
        return { method, path: query.size > 0 ? `${path}?${query.toString()}` : path, headers: {} }
      }
      // Where the path says all, no body is documented.
      if (input === undefined || (route.params.length > 0 && rest.length === 0))
        return { method, path, headers: {} }
      const body = isRecord(input) ? Object.fromEntries(rest) : input
      if (kind === 'upload') return { method, path, headers: {}, body: formOf(body) }
      return { method, path, headers: JSON_TYPE, body: JSON.stringify(body) }
    },
    raw: (text, input) =>
      hasBody ? { method, path: split(input).path, headers: JSON_TYPE, body: text } : null,
    read({ status, body }) {
      const expected = successStatus(name)
      if (status < 400 || !isRecord(body))
        return { status, expected, code: null, requestId: undefined, fields: [], body }
      const { code, requestId, errors } = body
      return { status, expected, code: String(code), requestId, fields: fieldsRefused(errors), body }
    },
  }
}
