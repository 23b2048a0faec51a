import type { IncomingMessage } from 'node:http'

/**
 * Tells of a body that ends too early, also when the client hung up before anybody read: a stream that is closed
 * already tells nothing more, and who waited for it would wait for ever.
 */
export const whenBrokenOff = (incoming: IncomingMessage, tell: (cause: Error) => void): void => {
  const broken = () => tell(incoming.errored ?? new Error('The client hung up in the middle of the body'))
  if (incoming.destroyed && !incoming.readableEnded) broken()
  else incoming.once('error', broken).once('close', broken)
}
