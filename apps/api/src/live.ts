import { isDeepStrictEqual } from 'node:util'
import type { Log } from '@plinth/kit'
import { ConfigError, type Setting, settingsOf } from './config.ts'
import { reloadable, type Settings } from './settings.ts'

/** The settings in force, of which some can change while the server runs. */
export interface LiveSettings {
  current(): Settings
  /**
   * Takes over what may change from settings that are read anew; the rest stays until a restart. Settings with a fault
   * are refused as a whole. What happened is logged either way; answers the names of what was taken over.
   */
  reload(read: () => Settings): readonly string[]
}

const valueAt = (settings: unknown, path: readonly string[]): unknown =>
  path.reduce<unknown>(
    (value, key) =>
      typeof value === 'object' && value !== null
        ? (value as Readonly<Record<string, unknown>>)[key]
        : undefined,
    settings,
  )

const nameOf = ({ path }: Setting): string => path.join('.')

const takenOver = (old: Settings, next: Settings): Settings => ({
  ...old,
  limits: next.limits,
  log: { ...old.log, level: next.log.level, modules: next.log.modules },
  alerts: { ...next.alerts, webhook: old.alerts.webhook, webhookTimeoutMs: old.alerts.webhookTimeoutMs },
})

/** Keeps the settings of one server; log levels that change are set on its log. */
export const createLiveSettings = (first: Settings, log: Log): LiveSettings => {
  let current = first
  const logger = log.module('config')

  const setLevels = ({ level, modules }: Settings['log']): void => {
    log.setLevel(level, 'all')
    for (const [module, own] of Object.entries(modules)) log.setLevel(own, module)
  }
  const take = (next: Settings): readonly string[] => {
    const changed = [...settingsOf()].filter(
      ({ path }) => !isDeepStrictEqual(valueAt(current, path), valueAt(next, path)),
    )
    const taken = changed.map(nameOf).filter((name) => reloadable.has(name))
    const left = changed.map(nameOf).filter((name) => !reloadable.has(name))
    const levels = taken.some((name) => name.startsWith('log.'))
    current = takenOver(current, next)
    if (levels) setLevels(current.log)
    logger.info({ settings: taken }, 'the configuration was read again')
    if (left.length > 0) logger.warn({ settings: left }, 'these changes need a restart')
    return taken
  }
  return {
    current: () => current,
    reload(read) {
      try {
        return take(read())
      } catch (error) {
        if (!(error instanceof ConfigError)) throw error
        logger.warn({ faults: error.message }, 'the changed configuration is refused: the old values stay')
        return []
      }
    },
  }
}
