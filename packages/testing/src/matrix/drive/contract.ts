import {
  conflict,
  contract,
  download,
  id,
  line,
  Moment,
  mutation,
  own,
  page,
  pageInput,
  portal,
  query,
  subscription,
  upload,
} from '@plinth/contract'
import { z } from 'zod'

const DocumentId = id('prd')
const byId = z.strictObject({ id: DocumentId })
const Document = z.object({
  id: DocumentId,
  name: z.string(),
  ownerId: z.string(),
  bytes: z.int(),
  renamedAt: Moment.nullable(),
})
const name = line(60)

/** A module that has what Plinth's own ones may not have yet: files, streams, owners, portals, work on the outside. */
const documents = {
  list: query({
    summary: 'List the own documents by name',
    cache: { seconds: 60, tags: ['documents'] },
    input: z.strictObject({ ...pageInput, name: z.strictObject({ eq: name.optional() }).optional() }),
    output: page(Document),
  }),
  get: query({ summary: 'Read a document', access: own('audit:read'), input: byId, output: Document }),
  create: upload({
    summary: 'Store a file',
    invalidates: ['documents'],
    input: z.strictObject({ file: z.file().max(10_000), name }),
    output: Document,
    errors: { NAME_TAKEN: conflict('Another of your documents has this name: choose another one.') },
  }),
  content: download({ summary: 'Fetch a stored file', access: own('audit:read'), input: byId }),
  follow: subscription({
    summary: 'Tell what a document is called now',
    access: own('audit:read'),
    input: byId,
    output: z.object({ name: z.string() }),
  }),
  rename: mutation({
    summary: 'Rename a document, as something on the outside would',
    access: own('audit:read'),
    transaction: false,
    invalidates: ['documents'],
    input: z.strictObject({ id: DocumentId, name }),
    output: Document,
  }),
  stamp: mutation({
    summary: 'Stamp a word, in the portal of organizers',
    access: portal('organizer'),
    input: z.strictObject({ word: name }),
    output: z.object({ word: z.string(), by: z.string() }),
  }),
}

/** Plinth, and a module with every kind of procedure and access that there is. */
export const matrixContract = { ...contract, drive: { documents } }
