import type { Work } from '../options.ts'
import { mixed, mixedAtPace, mixedOfMany } from './mixed.ts'
import { batchOfTen, coldCache, detail, list, signedInList, warmCache } from './reads.ts'
import type { Workload } from './types.ts'
import { createProduct, register, updateProfile } from './writes.ts'

/** Every work by the name that rows carry. */
export const workloads: Readonly<Record<Work, Workload>> = {
  list,
  detail,
  'signed-in-list': signedInList,
  'batch-10': batchOfTen,
  'list-cold': coldCache,
  'list-warm': warmCache,
  'update-profile': updateProfile,
  'create-product': createProduct,
  register,
  mixed,
  'mixed-200-users': mixedOfMany,
  'mixed-1000-a-second': mixedAtPace,
}
