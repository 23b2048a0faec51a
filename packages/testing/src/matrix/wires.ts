import { type Procedure, routesOf } from '@plinth/contract'
import type { Wire } from './wire.ts'
import { restWire } from './wire-rest.ts'
import { batchWire, plainWire } from './wire-trpc.ts'

/** Every wire of a procedure: each of its routes, and tRPC by itself and within a batch. */
export const wiresOf = (name: string, procedure: Procedure): readonly Wire[] => [
  ...routesOf(name, procedure).map((route) => restWire(name, route)),
  plainWire(name, procedure),
  batchWire(name, procedure),
]
