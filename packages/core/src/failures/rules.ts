import { createHash } from 'node:crypto'
import type { LoggedError } from '@plinth/kit'

/** One cause that occurred, so and so often, and what it said last. */
export interface Occurrence {
  readonly cause: string
  readonly name: string
  readonly message: string
  readonly stack: string
  readonly context: Record<string, string>
}

const TEXT_LENGTH = 1000
const STACK_LENGTH = 4000
const VALUE_LENGTH = 200
const MOST_FRAMES = 3
const KEPT = ['module', 'procedure', 'requestId', 'job', 'name', 'attempt', 'look', 'channel']

const storable = (text: string, length: number): string =>
  text.replaceAll('\0', '').slice(0, length).toWellFormed()

// The way from where the error was made up to our own code; a message alone differs with every id that it names.
const placesOf = ({ stack = '' }: Error): string[] => {
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line) && !line.includes('node:'))
  const own = frames.findIndex((line) => !line.includes('node_modules'))
  return frames.slice(0, own + 1 || MOST_FRAMES).map((line) => line.trim())
}

const contextOf = (context: LoggedError['context']): Record<string, string> =>
  Object.fromEntries(
    KEPT.filter((key) => context[key] !== undefined).map((key) => [
      key,
      storable(String(context[key]), VALUE_LENGTH),
    ]),
  )

/** What is kept of an error; those of one kind, from one place and of one procedure or job have one cause. */
export const occurrenceOf = ({ error, message, context }: LoggedError): Occurrence => {
  const code = 'code' in error ? String(error.code) : ''
  // What a driver throws comes from one place whatever was asked for: what was being done tells it apart.
  const known = contextOf(context)
  const doing = known.procedure ?? known.name ?? message
  const cause = createHash('sha256')
    .update(JSON.stringify([error.name, code, placesOf(error), doing]))
    .digest('hex')
  return {
    cause,
    name: storable(error.name, VALUE_LENGTH),
    message: storable(`${message}: ${error.message}`, TEXT_LENGTH),
    stack: storable(error.stack ?? '', STACK_LENGTH),
    context: known,
  }
}
