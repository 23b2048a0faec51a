// Written by npm run docs, from the contract.

/** The mutations that keep no answer by key, and so are never made again by themselves. */
export const notRepeatable: readonly string[] = [
  'core.apiKeys.create',
  'core.apiKeys.rotate',
  'core.logLevels.set',
  'core.sessions.login',
  'core.sessions.refresh',
  'core.webhooks.create',
  'core.webhooks.rotateSecret',
]
