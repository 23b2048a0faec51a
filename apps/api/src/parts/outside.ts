import { createOutside, type Log, type Metrics, type Outside } from '@plinth/kit'
import type { Settings } from '../settings.ts'

/** The one way to the outside. */
export const outsidePart = ({ outside: settings }: Settings, log: Log, metrics: Metrics): Outside =>
  createOutside({ settings, metrics, log: log.module('outside') })
