// node --import: writes the address of every module that the process has loaded, when it ends.
import { writeFileSync } from 'node:fs'
import { registerHooks } from 'node:module'

const loaded: string[] = []

registerHooks({
  load(url, context, next) {
    loaded.push(url)
    return next(url, context)
  },
})

process.on('exit', () => writeFileSync(process.env.LIST_MODULES_INTO ?? '', loaded.join('\n')))
