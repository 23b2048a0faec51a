import { type Permission, permissions } from '@plinth/contract'

interface BuiltIn {
  /** The role whose permissions it has too. */
  readonly parent: string | null
  readonly permissions: readonly Permission[] | typeof EVERYTHING
}

/** Stands for every permission that exists, also those of later versions, but for {@link reserved}. */
export const EVERYTHING = '*'

/** What `super_admin` alone may: whoever decides what roles may do can do anything. */
export const reserved: ReadonlySet<Permission> = new Set<Permission>(['roles:write'])

const tree = {
  user: { parent: null, permissions: [] },
  support: { parent: 'user', permissions: ['audit:read'] },
  moderator: { parent: 'user', permissions: ['audit:read', 'users:read', 'users:ban'] },
  manager: { parent: 'support', permissions: ['products:write', 'categories:write', 'tags:write'] },
  admin: { parent: 'moderator', permissions: EVERYTHING },
  super_admin: { parent: 'admin', permissions: EVERYTHING },
} as const satisfies Readonly<Record<string, BuiltIn>>

/** The name of a role that every database has. */
export type Role = keyof typeof tree

/** The role above all. */
export const SUPER_ADMIN = 'super_admin' satisfies Role

const known: ReadonlySet<string> = new Set(permissions)
const isPermission = (text: string): text is Permission => known.has(text)
const everything = new Set(permissions.filter((permission) => !reserved.has(permission)))

const expand = (words: readonly string[]): Permission[] =>
  words.flatMap((word) => (word === EVERYTHING ? [...everything] : isPermission(word) ? [word] : []))

/** The words of a text of permissions; `*` and those of other versions among them. */
export const wordsOf = (text: string | null): string[] => (text ? text.split(' ') : [])

const rightsOf = (role: string, rights: string, grants: string | null): ReadonlySet<Permission> =>
  new Set(role === SUPER_ADMIN ? permissions : expand([...wordsOf(rights), ...wordsOf(grants)]))

const MOST_KEPT = 1000
const kept = new Map<string, ReadonlySet<Permission>>()

/** The same, worked out once for each combination: there are few, and every call asks. */
export const permissionsOf = (
  role: string,
  rights: string,
  grants: string | null,
): ReadonlySet<Permission> => {
  const key = `${role}|${rights}|${grants ?? ''}`
  const before = kept.get(key)
  if (before) return before
  if (kept.size >= MOST_KEPT) kept.clear()
  const made = rightsOf(role, rights, grants)
  kept.set(key, made)
  return made
}

const builtIn = (role: Role): ReadonlySet<Permission> => {
  const chain: string[] = []
  for (let at: string | null = role; at !== null; at = tree[at as Role].parent) {
    const own: BuiltIn['permissions'] = tree[at as Role].permissions
    chain.push(...(own === EVERYTHING ? [EVERYTHING] : own))
  }
  return rightsOf(role, chain.join(' '), null)
}

/** What each role may do in a database whose roles nobody has changed. */
export const roles: Readonly<Record<Role, ReadonlySet<Permission>>> = {
  user: builtIn('user'),
  support: builtIn('support'),
  moderator: builtIn('moderator'),
  manager: builtIn('manager'),
  admin: builtIn('admin'),
  super_admin: builtIn('super_admin'),
}
