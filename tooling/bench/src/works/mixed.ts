import { detail, list, signedInList } from './reads.ts'
import type { Asked, Requests, Workload } from './types.ts'
import { updateProfile } from './writes.ts'

// Of twenty requests: eight lists, six details, five for somebody signed in, one write.
const SHARES = [8, 6, 5, 1]
const TURNS = 10

/** Takes the requests of several works in turn, by their shares, each work's own in their order. */
const mix = (all: readonly Requests[], unwrap: Requests['unwrap']): Requests => {
  const asked: Asked[] = []
  for (let turn = 0; turn < TURNS; turn++)
    for (const [at, share] of SHARES.entries())
      for (let count = 0; count < share; count++) {
        const own = all[at]?.asked ?? []
        const one = own[(turn * share + count) % own.length]
        if (one) asked.push(one)
      }
  return { asked, unwrap }
}

const PARTS: readonly Workload[] = [list, detail, signedInList, updateProfile]

/** What a shop's server does all day. */
export const mixed: Workload = {
  checked: false,
  floor: (given) =>
    mix(
      PARTS.map((part) => part.floor(given)),
      (body) => body,
    ),
  plinth: (wire, given) =>
    mix(
      PARTS.map((part) => part.plinth(wire, given)),
      (body) => body,
    ),
}

/** The same with many users at once. */
export const mixedOfMany: Workload = { ...mixed, connections: 200 }

/** The same at a steady pace, for latencies without the queue that a full load makes. */
export const mixedAtPace: Workload = { ...mixed, rate: 1000 }
