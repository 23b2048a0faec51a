/**
 * How a change meets those who call: an addition asks nothing of them, a wire break fails their calls, a
 * type break fails their compilation only, a behaviour break refuses or slows what was allowed.
 */
export type Kind = 'addition' | 'wire' | 'type' | 'behaviour'

/** One difference between two documents: a sentence for people, and where it stands in the later document. */
export type Change = { kind: Kind; sentence: string; operationId: string; pointer: string }

/** A change whose operation is not known yet, because schemas are compared without it. */
export type Difference = Omit<Change, 'operationId'>

/** Whether callers have to do something about a change. */
export const isBreak = ({ kind }: Pick<Change, 'kind'>): boolean => kind !== 'addition'

/** Which side a schema stands on: what callers send, or what they are sent. */
export type Direction = 'input' | 'output'

/** A place in the document: its pointer and the words that name it in a sentence. */
export type Place = { pointer: string; label: string }

/** A difference at a place, its sentence begun with the place's name. */
export const differenceAt = (place: Place, kind: Kind, what: string): Difference => ({
  kind,
  sentence: `${place.label} ${what}`,
  pointer: place.pointer,
})
