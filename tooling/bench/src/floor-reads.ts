/** A product as it is stored. */
export interface ProductRow {
  readonly id: string
  readonly slug: string
  readonly sku: string | null
  readonly name: string
  readonly description: string
  readonly price_amount: number
  readonly price_currency: string
  readonly stock: number
  readonly popularity: number
  readonly category_id: string | null
  readonly created_at: string
  readonly updated_at: string
  readonly folded_name: string
}

/** A session with what decides whether it still holds. */
export interface SessionRow {
  readonly user_id: string
  readonly role: string
  readonly expires_at: string
  readonly ended_at: string | null
  readonly login_ended_at: string | null
}

/** What the floor asks a database; the same statements as Plinth's. */
export interface Reads {
  list(limit: number): ProductRow[] | Promise<ProductRow[]>
  bySlug(slug: string): ProductRow | undefined | Promise<ProductRow | undefined>
  /** Found by the SHA-256 of its token, in hex. */
  session(id: string): SessionRow | undefined | Promise<SessionRow | undefined>
}

const products = `select id, slug, sku, name, description, price_amount, price_currency, stock, popularity,
  category_id, created_at, updated_at, folded_name from products where deleted_at is null`

const sessions = `select sessions.user_id, users.role, sessions.expires_at, sessions.ended_at,
  logins.ended_at as login_ended_at from sessions
  join logins on logins.id = sessions.login_id join users on users.id = sessions.user_id`

/** The three statements, with the engine's way to write the one parameter. */
export const statements = (parameter: '?' | '$1') => ({
  list: `${products} order by folded_name, id limit ${parameter}`,
  bySlug: `${products} and slug = ${parameter}`,
  session: `${sessions} where sessions.id = ${parameter}`,
})
