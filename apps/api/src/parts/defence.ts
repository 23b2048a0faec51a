import {
  createFileCountries,
  createLiteCountries,
  createNameLookup,
  createTextThreatList,
} from '@plinth/adapters'
import type { Defence } from '@plinth/core'
import type { Outside } from '@plinth/kit'
import type { Settings } from '../settings.ts'

/** What request defence asks, as the settings say. */
export const defencePart = ({ guard }: Settings, outside: Outside): Defence => ({
  countries: guard.countryFile === undefined ? createLiteCountries() : createFileCountries(guard.countryFile),
  names: createNameLookup(guard.bots.nameServers),
  threatLists: Object.entries(guard.threats.lists).map(([name, source]) =>
    createTextThreatList(name, source, { outside }),
  ),
})
