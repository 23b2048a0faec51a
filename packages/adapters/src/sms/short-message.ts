import { OutsideError, type Sms } from '@plinth/kit'

const NUMBER = /^\+[1-9]\d{6,14}$/
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu
// Ten parts of a message that is not all Latin (3GPP TS 23.040: 67 characters each when joined).
const MOST_CHARACTERS = 670

/**
 * A short message as every sender takes it: to exactly one number, as one line of text.
 * @throws {OutsideError} a permanent refusal when the number is none, or the text too long.
 */
export const asShortMessage = ({ to, text }: Sms): Sms => {
  const refuse = (why: string): never => {
    throw new OutsideError('sms', 'refused', { permanent: true, cause: new Error(why) })
  }
  if (!NUMBER.test(to)) refuse('the recipient is not one phone number in international form')
  const line = text.replaceAll(BREAKS, ' ').trim()
  if (line.length > MOST_CHARACTERS) refuse(`the text has more than ${MOST_CHARACTERS} characters`)
  return { to, text: line }
}
