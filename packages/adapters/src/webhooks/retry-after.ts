/** What a Retry-After header asks for, in milliseconds: seconds, or a date. Null when it says nothing that is understood. */
export const retryAfterMs = (header: string | undefined, now = Date.now()): number | null => {
  if (header === undefined) return null
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000
  const at = /^[A-Z][a-z]{2}/.test(header) ? Date.parse(header) : Number.NaN
  return Number.isNaN(at) ? null : Math.max(0, at - now)
}
