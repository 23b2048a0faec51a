import { readFile, writeFile } from 'node:fs/promises'
import { documents } from '../generate/documents.ts'
import { type Command, readArguments } from './command.ts'

const generate = (path: string, make: () => Promise<string>): Command['run'] =>
  async function run(args, { print }) {
    const { flags } = readArguments(args, { flags: ['check'] })
    const text = await make()
    if (!flags.has('check')) {
      await writeFile(path, text)
      return print(`wrote ${path}`)
    }
    const kept = await readFile(path, 'utf8').catch(() => '')
    if (kept === text) return print(`${path} is up to date`)
    throw new Error(`${path} differs from the code: run npm run docs`)
  }

/** A command for each document that is made from the code. */
export const documentCommands: Readonly<Record<string, Command>> = Object.fromEntries(
  Object.entries(documents).map(([name, { path, make }]): [string, Command] => [
    name,
    {
      usage: `${name} [--check]`,
      does: `writes ${path}, or fails when it differs`,
      run: generate(path, make),
    },
  ]),
)
