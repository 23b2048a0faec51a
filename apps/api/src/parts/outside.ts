import { createOutside, type Log, type Metrics, type Outside, type Tracer } from '@plinth/kit'
import type { Settings } from '../settings.ts'

/** The one way to the outside. */
export const outsidePart = (
  { outside: settings }: Settings,
  log: Log,
  metrics: Metrics,
  tracer: Tracer | null,
): Outside => createOutside({ settings, metrics, log: log.module('outside'), tracer })
