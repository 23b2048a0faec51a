// Written by npm run docs, from the contract.

/** The mutations that keep no answer by key, and so are never made again by themselves. */
export const notRepeatable: readonly string[] = [
  'core.apiKeys.create',
  'core.apiKeys.rotate',
  'core.identities.begin',
  'core.identities.beginLink',
  'core.identities.complete',
  'core.identities.link',
  'core.logLevels.set',
  'core.merchants.login',
  'core.organizers.login',
  'core.passkeys.proofOptions',
  'core.passkeys.registrationOptions',
  'core.passkeys.signIn',
  'core.passkeys.signInOptions',
  'core.secondFactors.confirmTotp',
  'core.secondFactors.disableTotp',
  'core.secondFactors.enrolTotp',
  'core.secondFactors.renewRecoveryCodes',
  'core.sessions.login',
  'core.sessions.prove',
  'core.sessions.refresh',
  'core.users.impersonate',
  'core.webhooks.create',
  'core.webhooks.rotateSecret',
]
