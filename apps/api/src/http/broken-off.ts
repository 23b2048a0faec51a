import type { IncomingMessage } from 'node:http'

/**
 * Tells of a body that ends too early, also when the client hung up before anybody read: a stream that is closed
 * already tells nothing more, and who waited for it would wait for ever.
 */
export const whenBrokenOff = (incoming: IncomingMessage, tell: (cause: Error) => void): void => {
  const closed = () => {
    if (!incoming.readableEnded)
      tell(incoming.errored ?? new Error('The client hung up in the middle of the body'))
  }
  // Who listens for errors keeps them from being thrown; each is followed by the close.
  if (incoming.destroyed) closed()
  else incoming.on('error', () => undefined).once('close', closed)
}
