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

/** A user as far as it is answered. */
export interface UserRow {
  readonly id: string
  readonly email: string
  readonly name: string
  readonly role: string
  readonly created_at: string
}

type Later<T> = T | Promise<T>

/** What the floor asks a database. */
export interface Store {
  list(limit: number): Later<ProductRow[]>
  bySlug(slug: string): Later<ProductRow | undefined>
  /** Found by the SHA-256 of its token, in hex. */
  session(id: string): Later<SessionRow | undefined>
  rename(id: string, name: string, now: string): Later<UserRow | undefined>
  /** Values in the order of the columns of the statement. */
  addProduct(values: readonly (string | number)[]): Later<ProductRow | undefined>
  addUser(values: readonly string[]): Later<UserRow | undefined>
}

const PRODUCT = `id, slug, sku, name, description, price_amount, price_currency, stock, popularity,
  category_id, created_at, updated_at, folded_name`
const USER = 'id, email, name, role, created_at'

const NEW_PRODUCT =
  'id, slug, name, folded_name, price_amount, price_currency, stock, created_at, updated_at, created_by, updated_by'
const NEW_USER = 'id, email, name, password_hash, created_at, updated_at, created_by, updated_by'

const marks = (columns: string, mark: (at: number) => string): string =>
  columns
    .split(',')
    .map((_, at) => mark(at + 1))
    .join(', ')

/** The statements, with the engine's way to write a parameter; the reads are the same as Plinth's. */
export const statements = (mark: (at: number) => string) => ({
  list: `select ${PRODUCT} from products where deleted_at is null order by folded_name, id limit ${mark(1)}`,
  bySlug: `select ${PRODUCT} from products where deleted_at is null and slug = ${mark(1)}`,
  session: `select sessions.user_id, users.role, sessions.expires_at, sessions.ended_at,
    logins.ended_at as login_ended_at from sessions
    join logins on logins.id = sessions.login_id join users on users.id = sessions.user_id
    where sessions.id = ${mark(1)}`,
  rename: `update users set name = ${mark(1)}, updated_at = ${mark(2)} where id = ${mark(3)} returning ${USER}`,
  addProduct: `insert into products (${NEW_PRODUCT}, description, folded_description, popularity)
    values (${marks(NEW_PRODUCT, mark)}, '', '', 0) returning ${PRODUCT}`,
  addUser: `insert into users (${NEW_USER}, role, locale, time_zone)
    values (${marks(NEW_USER, mark)}, 'user', 'en', 'UTC') returning ${USER}`,
})
