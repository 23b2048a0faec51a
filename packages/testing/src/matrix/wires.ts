import { type Procedure, routesOf } from '@plinth/contract'
import type { Wire } from './wire.ts'
import { restWire } from './wire-rest.ts'
import { socketWire, streamWire } from './wire-streams.ts'
import { batchWire, plainWire } from './wire-trpc.ts'

/** Every wire of a procedure: each of its routes, and tRPC by itself and within a batch, or as a stream. */
export const wiresOf = (name: string, procedure: Procedure): readonly Wire[] => {
  if (procedure.kind === 'subscription') return [streamWire(name, procedure), socketWire(name)]
  const routes = routesOf(name, procedure).map((route) => restWire(name, procedure, route))
  // A form can't hold several calls.
  if (procedure.kind === 'upload') return [...routes, plainWire(name, procedure)]
  return [...routes, plainWire(name, procedure), batchWire(name, procedure)]
}
