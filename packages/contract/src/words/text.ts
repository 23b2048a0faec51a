import { z } from 'zod'

const CONTROL = /(?![\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}]/gu
const CONTROL_BUT_LINES = /(?![\n\t\u200c\u200d])[\p{Cc}\p{Cf}\p{Cs}]/gu
const MARKUP = /<(?=[a-z/!?])/giu

/** Composed form, no control characters, and `<` that would open a tag made harmless: what is stored can be shown anywhere. */
const clean = (value: string, control: RegExp): string =>
  value.normalize('NFC').replaceAll('\r\n', '\n').replace(control, '').replace(MARKUP, '\u2039').trim()

/** A single line of text, cleaned before its length is checked. */
export const line = (max: number, min = 1) =>
  z
    .string()
    .overwrite((value) => clean(value, CONTROL))
    .min(min)
    .max(max)

/** Text of several lines, cleaned before its length is checked. */
export const prose = (max: number, min = 0) =>
  z
    .string()
    .overwrite((value) => clean(value, CONTROL_BUT_LINES))
    .min(min)
    .max(max)
