import type { CoreSettings } from '@plinth/core'
import { z } from 'zod'

const endpoint = (url: string) => z.url({ protocol: /^https?$/ }).default(url)

const app = (scopes: string[]) => ({
  clientId: z
    .string()
    .min(1)
    .optional()
    .describe('Id of this application there; left out: nobody signs in with this provider'),
  clientSecret: z.string().min(1).optional().describe('Goes with clientId'),
  scopes: z.array(z.string().min(1)).default(scopes).describe('What is asked of the provider'),
})

interface Given {
  readonly clientId?: string | undefined
  readonly clientSecret?: string | undefined
}

/** Signing in with others' accounts. The addresses of a provider are only to be changed to try it out. */
export const SocialSettings = z
  .strictObject({
    google: z
      .strictObject({
        ...app(['openid', 'email', 'profile']),
        authorizationUrl: endpoint('https://accounts.google.com/o/oauth2/v2/auth').describe(
          'Where a browser is sent to',
        ),
        tokenUrl: endpoint('https://oauth2.googleapis.com/token').describe('Where codes are exchanged'),
        keysUrl: endpoint('https://www.googleapis.com/oauth2/v3/certs').describe(
          'Where the keys of ID tokens are',
        ),
        issuer: z.string().default('https://accounts.google.com').describe('Who has to have made ID tokens'),
      })
      .prefault({}),
    github: z
      .strictObject({
        ...app(['read:user', 'user:email']),
        authorizationUrl: endpoint('https://github.com/login/oauth/authorize').describe(
          'Where a browser is sent to',
        ),
        tokenUrl: endpoint('https://github.com/login/oauth/access_token').describe(
          'Where codes are exchanged',
        ),
        userUrl: endpoint('https://api.github.com/user').describe('Where profiles are'),
        emailsUrl: endpoint('https://api.github.com/user/emails').describe('Where addresses are'),
      })
      .prefault({}),
    facebook: z
      .strictObject({
        ...app(['email', 'public_profile']),
        authorizationUrl: endpoint('https://www.facebook.com/v25.0/dialog/oauth').describe(
          'Where a browser is sent to',
        ),
        tokenUrl: endpoint('https://graph.facebook.com/v25.0/oauth/access_token').describe(
          'Where codes are exchanged',
        ),
        userUrl: endpoint('https://graph.facebook.com/v25.0/me').describe('Where profiles are'),
      })
      .prefault({}),
    redirectUrls: z
      .array(z.url({ protocol: /^https?$/ }).max(2000))
      .max(20)
      .default([])
      .describe(
        'Pages of web applications that providers send browsers back to, {provider} standing for its name; left out: webUrl/sign-in/{provider}/callback',
      ),
    flowMs: z
      .int()
      .min(1)
      .default(10 * 60_000)
      .describe('How long a sign-in at a provider may take'),
    most: z.int().min(1).max(100).default(10).describe('Most identities that one account may have'),
  })
  .superRefine((social, context) => {
    for (const name of ['google', 'github', 'facebook'] as const) {
      const { clientId, clientSecret }: Given = social[name]
      if ((clientId === undefined) !== (clientSecret === undefined))
        context.addIssue({
          code: 'custom',
          path: [name, 'clientSecret'],
          message: 'is given together with clientId, or neither is',
        })
    }
  })
  .prefault({})

type Social = z.output<typeof SocialSettings>

/** What core works with. */
export const socialOf = (
  { redirectUrls: [first, ...others], flowMs, most }: Social,
  webUrl: string,
): CoreSettings['social'] => ({
  redirectUrls: [first ?? `${webUrl}/sign-in/{provider}/callback`, ...others],
  flowMs,
  most,
})

/** Addresses of providers that secrets would be sent to in clear. */
export const socialFaults = ({ google, github, facebook }: Social): string[] =>
  Object.entries({ google, github, facebook }).flatMap(([name, provider]) =>
    Object.entries(provider)
      .filter(([key, value]) => key.endsWith('Url') && String(value).startsWith('http:'))
      .map(([key]) => `social.${name}.${key}: must be https in production`),
  )
