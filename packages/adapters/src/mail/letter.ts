import { type Mail, OutsideError } from '@plinth/kit'

// One address and nothing else: no list, no name, no quotes, no comment, no line break.
const ADDRESS = /^[^\s\p{C}<>()[\]\\,;:"@]+@[^\s\p{C}<>()[\]\\,;:"@]+$/u
const BREAKS = /[\p{Cc}\p{Zl}\p{Zp}]+/gu

/**
 * A mail as every mailer takes it: to exactly one address, with a subject of one line, whatever was handed over.
 * @throws {OutsideError} a permanent refusal when the address is none.
 */
export const asLetter = (mail: Mail): Mail => {
  if (mail.to.length > 254 || !ADDRESS.test(mail.to))
    throw new OutsideError('mail', 'refused', {
      permanent: true,
      cause: new Error('the recipient is not one email address'),
    })
  return { ...mail, subject: mail.subject.replaceAll(BREAKS, ' ').trim() }
}
