/** Roles. `parent` is the role whose permissions it has too; texts of permissions are joined by spaces. */
export interface RolesTable {
  name: string
  parent: string | null
  description: string
  /** Its own. */
  permissions: string
  /** Its own and those of the roles below it. */
  rights: string
  built_in: boolean
  created_at: string
  updated_at: string
  created_by: string
  updated_by: string
}
