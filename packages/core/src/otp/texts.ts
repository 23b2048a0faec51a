import type { Audience, OneTimeCodesTable } from './tables.ts'

/** What a message is made from. */
export interface Letter {
  readonly name: string
  readonly audience: Audience
  readonly form: OneTimeCodesTable['form']
  readonly secret: string
  readonly lifeMs: number
  readonly webUrl: string
}

const minutes = (ms: number): string => {
  const count = Math.max(1, Math.round(ms / 60_000))
  if (count > 1 && count % 60 === 0) return count === 60 ? '1 hour' : `${count / 60} hours`
  return count === 1 ? '1 minute' : `${count} minutes`
}

const whose = (audience: Audience): string => (audience === 'user' ? '' : `${audience} `)
const pathOf = (audience: Audience): string => (audience === 'user' ? '' : `/${audience}`)

/** The message by which a password is set anew. */
export const resetLetter = ({ name, audience, form, secret, lifeMs, webUrl }: Letter) => {
  const account = `${whose(audience)}account`
  const link = `open this link to set a new password for your ${account}:\n${webUrl}${pathOf(audience)}/reset-password?token=${secret}`
  const code = `this code sets a new password for your ${account}:\n${secret}`
  return {
    subject: 'Set a new password',
    text: [
      `Hello ${name},`,
      form === 'link' ? link : code,
      `It works once, for ${minutes(lifeMs)}. Nobody of us will ever ask you for it.`,
      'If you did not ask for this mail, ignore it: your password stays as it is.',
    ].join('\n\n'),
    sms: `${secret} sets a new password for your ${account} at ${new URL(webUrl).host}. It works for ${minutes(lifeMs)}. Tell it to nobody.`,
  }
}
