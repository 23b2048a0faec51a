import { randomBytes } from 'node:crypto'

const KEY = /^[0-9a-f]{32}$/

/** A new key for a file: 128 bits of chance, so that nobody guesses one. */
export const newFileKey = (): string => randomBytes(16).toString('hex')

/** Whether a text has the form of a key; nothing else ever becomes part of a path. */
export const isFileKey = (text: string): boolean => KEY.test(text)
