import { mkdirSync } from 'node:fs'
import { dirname } from 'node:path'

/** Makes the folder that a database file will stand in. */
export const prepareFolder = (url: string): void => {
  const path = /^(?:sqlite|file):(.+)$/.exec(url)?.[1]
  if (path !== undefined) mkdirSync(dirname(path), { recursive: true })
}
