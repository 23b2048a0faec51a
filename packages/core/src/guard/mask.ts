const MASK = '"[masked]"'

// Names of fields, in lower case and without anything but letters.
const SECRET =
  /pass(?:word|wd|phrase|code|key)|secret|token|totp|otp$|^otp|authori[sz]ation|cookie|card|cvc|cvv|iban|accountn(?:umber|o)|apikey|privatekey|credential|signature|bearer|ssn|code$|^(?:pin|key|pan|auth|hash|pass)$/

/** Whether a field of this name may hold what a log must not show. */
export const isSecretName = (name: string, more: ReadonlySet<string>): boolean => {
  const plain = name.toLowerCase().replaceAll(/[^a-z]/g, '')
  return SECRET.test(plain) || more.has(plain)
}

// What JSON is made of: texts (the last one perhaps cut off), signs, anything else that is a value, white space.
const TOKENS = /"(?:[^"\\]|\\.)*(?:"|$)|[{}[\],:]|[^\s"{}[\],:]+|\s+/gsu

const opens = (token: string): boolean => token === '{' || token === '['
const closes = (token: string): boolean => token === '}' || token === ']'

const CARD = /\b\d(?:[ -]?\d){12,18}\b/g

/** By the check digit that all card numbers have (ISO/IEC 7812-1, annex B). */
const isCardNumber = (text: string): boolean => {
  const digits = text.replaceAll(/\D/g, '')
  let sum = 0
  for (let at = 0; at < digits.length; at++) {
    const digit = Number(digits[digits.length - 1 - at])
    const doubled = at % 2 === 1 ? digit * 2 : digit
    sum += doubled > 9 ? doubled - 9 : doubled
  }
  return sum % 10 === 0
}

const nameOf = (token: string): string => {
  try {
    return String(JSON.parse(token))
  } catch {
    // Cut off or broken: what it would have been called is as good as what is there.
    return token.slice(1)
  }
}

/** How many tokens the value at `start` has, with all that is in it. */
const lengthOfValue = (tokens: readonly string[], start: number): number => {
  let depth = 0
  for (let at = start; at < tokens.length; at++) {
    const token = tokens[at] ?? ''
    if (opens(token)) depth++
    else if (closes(token)) depth--
    if (depth <= 0) return at - start + 1
  }
  return tokens.length - start
}

// What is no JSON has no names to go by, and may hold a secret anywhere.
const NOT_JSON = '[not JSON]'
const BEFORE_VALUE = new Set(['{', '[', ',', ':'])
const LITERAL = /^(?:-?\d[\d.eE+-]*|true|false|null)$/

const isValue = (token: string): boolean => !/^[{}[\],:]$/.test(token)

/** Whether a token can stand where it does; the last one may be the beginning of what can. */
const isInPlace = (tokens: readonly string[], at: number): boolean => {
  const token = tokens[at] ?? ''
  if (!isValue(token)) return true
  if (!BEFORE_VALUE.has(tokens[at - 1] ?? '')) return false
  return token.startsWith('"') || LITERAL.test(token)
}

const shownOf = (tokens: readonly string[], more: ReadonlySet<string>): string => {
  let text = ''
  for (let at = 0; at < tokens.length; at++) {
    const token = tokens[at] ?? ''
    if (!isInPlace(tokens, at)) return `${text}${at < tokens.length - 1 ? NOT_JSON : ''}`
    text += token
    if (!token.startsWith('"') || tokens[at + 1] !== ':' || !isSecretName(nameOf(token), more)) continue
    const value = at + 2
    text += `:${value < tokens.length ? MASK : ''}`
    at = value + lengthOfValue(tokens, value) - 1
  }
  return text
}

/**
 * The beginning of a JSON body as a log may show it: values of secret names are masked at any depth, numbers of cards
 * wherever they stand, and from where it is no JSON nothing is shown. It reads no further than the bound, so that a large
 * body costs no more than a small one; a value that the bound cuts is treated as if it were whole.
 * @param more names besides the usual ones, in lower-case letters alone.
 */
export const maskBody = (body: string, bound: number, more: ReadonlySet<string> = new Set()): string => {
  const tokens = (body.slice(0, bound).match(TOKENS) ?? []).filter((token) => token.trim() !== '')
  if (!opens(tokens[0] ?? '')) return NOT_JSON
  const text = shownOf(tokens, more)
  const shown = text.replaceAll(CARD, (number) => (isCardNumber(number) ? '[masked]' : number))
  return body.length > bound ? `${shown}…` : shown
}
