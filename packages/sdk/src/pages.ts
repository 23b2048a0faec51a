/** One page of any list. */
interface AnyPage {
  readonly items: readonly unknown[]
  readonly nextCursor: string | null
}

/** A procedure that answers pages, such as `client.commerce.products.list`. */
export interface ListProcedure<Input = never, Page extends AnyPage = AnyPage> {
  query(input: Input, options?: { signal?: AbortSignal }): Promise<Page>
}

type InputOf<List> = List extends { query(input: infer Input, ...rest: never[]): unknown } ? Input : never
type ItemOf<List> = PageOf<List>['items'][number]
type PageOf<List> = List extends { query(...given: never[]): Promise<infer Page extends AnyPage> }
  ? Page
  : never

interface PageOptions {
  /** Ends the walk, and the request that is on its way. */
  readonly signal?: AbortSignal
}

/**
 * Walks a list page by page: each is asked for when the one before it was dealt with, and none after a `break`.
 *
 * @example
 * for await (const { items } of pages(client.commerce.products.list, { limit: 100 })) save(items)
 */
export async function* pages<List extends ListProcedure>(
  list: List,
  input: InputOf<List>,
  options: PageOptions = {},
): AsyncGenerator<PageOf<List>, void> {
  let { cursor } = (input ?? {}) as { cursor?: string | null }
  const seen = new Set([cursor])
  do {
    const given = seen.size === 1 ? input : { ...(input as object), cursor }
    const page = (await list.query(given as never, options)) as PageOf<List>
    yield page
    if (page.nextCursor !== null && seen.has(page.nextCursor))
      throw new Error('The list answers a cursor for the second time, and so would never end')
    cursor = page.nextCursor
    seen.add(cursor)
  } while (cursor !== null)
}

/**
 * Walks the items of a list over all of its pages, `max` of them at the most.
 *
 * @example
 * for await (const product of paginate(client.commerce.products.list, {}, { max: 500 })) console.log(product.name)
 */
export async function* paginate<List extends ListProcedure>(
  list: List,
  input: InputOf<List>,
  { max = Number.POSITIVE_INFINITY, ...options }: PageOptions & { readonly max?: number } = {},
): AsyncGenerator<ItemOf<List>, void> {
  let left = max
  if (left <= 0) return
  for await (const { items } of pages(list, input, options))
    for (const item of items) {
      yield item as Awaited<ItemOf<List>>
      left -= 1
      if (left <= 0) return
    }
}
