import type { contract, PortalName } from '@plinth/contract'
import type { WriteDb } from '@plinth/db'
import type { Files, Handlers, Subscriber } from '@plinth/kit'
import type { CoreDb } from '../db.ts'
import type { PortalDeps } from './handlers.ts'
import { profileOf, toProfile } from './profiles.ts'

type Images = Pick<typeof contract.core.organizers, 'setImage' | 'removeImage'>

/** The event of an image that nothing shows any more. */
const REPLACED = 'portals.imageReplaced'

interface Changing {
  readonly db: WriteDb<CoreDb>
  readonly now: Date
  readonly actor: { readonly userId: string }
  emit(type: string, payload: Readonly<Record<string, unknown>>): void
}

const replace = async (
  ctx: Changing,
  image: { key: string; contentType: string } | null,
): Promise<boolean> => {
  const { userId } = ctx.actor
  const before = await ctx.db
    .selectFrom('portal_profiles')
    .select('image_key')
    .where('user_id', '=', userId)
    .forUpdate()
    .executeTakeFirst()
  if (!before) return false
  await ctx.db
    .updateTable('portal_profiles')
    .set({ image_key: image?.key ?? null, image_type: image?.contentType ?? null })
    .set({ updated_at: ctx.now.toISOString(), updated_by: userId })
    .where('user_id', '=', userId)
    .execute()
  // Once this is committed: else the one that is still shown would be gone.
  if (before.image_key !== null) ctx.emit(REPLACED, { key: before.image_key })
  return true
}

/** The image of a profile. */
export const images = (
  _portal: PortalName,
  { files, maxImageBytes }: PortalDeps,
): Handlers<Images, CoreDb> => ({
  async setImage({ input: { image }, ctx, fail }) {
    const kept = await files.put({
      content: image.stream(),
      contentType: image.type,
      maxBytes: maxImageBytes,
      signal: ctx.signal,
    })
    if (!(await replace(ctx, kept))) fail('NOT_FOUND')
    ctx.audit({ target: ctx.actor.userId })
    return toProfile(files, (await profileOf(ctx.db, ctx.actor.userId)) ?? fail('NOT_FOUND'))
  },
  async removeImage({ ctx, fail }) {
    if (!(await replace(ctx, null))) fail('NOT_FOUND')
    ctx.audit({ target: ctx.actor.userId })
    return toProfile(files, (await profileOf(ctx.db, ctx.actor.userId)) ?? fail('NOT_FOUND'))
  },
})

/** Deletes images that nothing shows any more. */
export const forgetImages = (files: Files): Subscriber => ({
  event: REPLACED,
  job: 'delete-replaced-image',
  run: async (payload) => {
    const key: unknown = typeof payload === 'object' && payload !== null ? Reflect.get(payload, 'key') : null
    if (typeof key !== 'string') throw new TypeError('the event names no image')
    await files.delete(key)
  },
})
