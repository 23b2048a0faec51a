import { z } from 'zod'

/** Where files are kept, and how large they may be. */
export const FilesSettings = z
  .strictObject({
    store: z
      .enum(['folder', 's3'])
      .default('folder')
      .describe('folder keeps files on this machine, s3 in files.s3'),
    folder: z.string().min(1).default('.data/files').describe('Where files are kept on this machine'),
    maxUploadBytes: z
      .int()
      .min(1)
      .default(25 * 1024 * 1024)
      .describe('Largest form with files, whatever a single operation allows; more is answered 413'),
    s3: z
      .strictObject({
        bucket: z.string().min(1).optional().describe('Needed for s3'),
        region: z.string().min(1).default('us-east-1').describe('Region of the bucket'),
        endpoint: z
          .url({ protocol: /^https?$/ })
          .optional()
          .describe('Where a server other than AWS is'),
        pathStyle: z
          .boolean()
          .default(false)
          .describe('Bucket in the path, as most servers other than AWS want it'),
        prefix: z
          .string()
          .regex(/^(?:[\w-]+\/)*$/, 'must be words that each end with a slash')
          .default('')
          .describe('What keys begin with, such as plinth/'),
        accessKeyId: z.string().min(1).optional().describe('Left out: from the environment or the machine'),
        secretAccessKey: z.string().min(1).optional().describe('Goes with accessKeyId'),
        idleMs: z.int().min(1).default(10_000).describe('How long a connection may be silent'),
      })
      .prefault({}),
  })
  .superRefine(({ store, s3 }, context) => {
    const fault = (path: string, message: string) =>
      context.addIssue({ code: 'custom', path: ['s3', path], message })
    if (store === 's3' && s3.bucket === undefined) fault('bucket', 'is needed when files.store is s3')
    if ((s3.accessKeyId === undefined) !== (s3.secretAccessKey === undefined))
      fault('secretAccessKey', 'is given together with accessKeyId, or neither is')
  })
  .prefault({})
