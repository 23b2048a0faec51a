import type { Row } from '@plinth/db'
import { wordsOf } from '../access/roles.ts'
import type { RolesTable } from '../access/tables.ts'

/** What decides the rights of a role. */
export type RoleRule = Pick<Row<RolesTable>, 'name' | 'parent' | 'permissions' | 'rights'>

/** A text of permissions, each once and in order. */
export const permissionsText = (words: Iterable<string>): string => [...new Set(words)].sort().join(' ')

/** The role and those below it, lowest last; null where they stand in a circle. */
export const chainOf = (name: string, roles: ReadonlyMap<string, RoleRule>): RoleRule[] | null => {
  const chain: RoleRule[] = []
  for (let at = roles.get(name); at; at = at.parent === null ? undefined : roles.get(at.parent)) {
    if (chain.includes(at)) return null
    chain.push(at)
  }
  return chain
}

/** The roles whose rights are not what follows from their own permissions and those below them, with what follows. */
export const outdated = (
  roles: ReadonlyMap<string, RoleRule>,
): { name: string; before: string; rights: string }[] =>
  [...roles.values()].flatMap(({ name, rights: before }) => {
    const words = (chainOf(name, roles) ?? []).flatMap(({ permissions }) => wordsOf(permissions))
    const rights = permissionsText(words)
    return rights === before ? [] : [{ name, before, rights }]
  })
