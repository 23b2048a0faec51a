import {
  type Access,
  type ContractRecord,
  type Procedure,
  permissions,
  scopeOf,
  scopesOf,
  walk,
} from '@plinth/contract'
import { type Role, roles } from '@plinth/core'

const names = Object.keys(roles) as Role[]

const mark = (access: Access, role: Role): string => {
  if (access === 'public' || access === 'user') return 'yes'
  if (typeof access === 'string') return roles[role].has(access) ? 'yes' : ''
  if ('own' in access) return roles[role].has(access.own) ? 'all' : 'own'
  return ''
}

const needOf = (access: Access): string => {
  if (typeof access === 'string') return access.includes(':') ? `\`${access}\`` : access
  return 'own' in access ? `own, or \`${access.own}\`` : `portal \`${access.portal}\``
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`

const procedureRows = (contract: ContractRecord): string[] =>
  [...walk(contract)].map(([name, { access }]) =>
    row([
      `\`${name}\``,
      needOf(access),
      access === 'public' ? 'yes' : '',
      ...names.map((role) => mark(access, role)),
    ]),
  )

const permissionRows = (): string[] =>
  permissions.map((permission) =>
    row([`\`${permission}\``, ...names.map((role) => (roles[role].has(permission) ? 'yes' : ''))]),
  )

/** Procedures that ask something of the credential itself: all but those that anybody may call. */
const guarded = (contract: ContractRecord): (readonly [string, Procedure])[] =>
  [...walk(contract)].filter(([, { access }]) => access !== 'public')

const named = (names: readonly string[]): string => names.map((name) => `\`${name}\``).join(', ')

const scopeRows = (contract: ContractRecord): string[] => {
  const opened = Map.groupBy(guarded(contract), ([name, procedure]) => scopeOf(name, procedure))
  return scopesOf(contract).map((scope) => {
    const procedures = (opened.get(scope) ?? []).map(([name]) => name)
    return row([`\`${scope}\``, procedures.length > 0 ? named(procedures) : 'only what anybody may call'])
  })
}

const listed = (contract: ContractRecord, has: (name: string, procedure: Procedure) => boolean): string => {
  const names = guarded(contract).flatMap(([name, procedure]) => (has(name, procedure) ? [name] : []))
  return names.length > 0 ? names.map((name) => `- \`${name}\``).join('\n') : 'None.'
}

const ruler = (columns: number): string => row(Array.from({ length: columns }, () => '---'))

/** The reference of who may call what, from the contract and the roles. */
export const permissionsText = (contract: ContractRecord): string => `# Permissions

Made from the contract and \`packages/core/src/access/roles.ts\` by \`npm run docs\`; do not edit. Every cell is tested
on both databases, over REST and over tRPC.

## Who may call what

\`anonymous\` is anybody without a token. \`own\` means the caller's own records, where those of others answer the same
404 as absent ones; \`all\` means those of everybody. Procedures of a portal are for its principals alone, whatever
their role.

${row(['procedure', 'needs', 'anonymous', ...names])}
${ruler(names.length + 3)}
${procedureRows(contract).join('\n')}

## Permissions of the roles

${row(['permission', ...names])}
${ruler(names.length + 1)}
${permissionRows().join('\n')}

## Scopes

An API key, or a login that asked for it, is limited to scopes, and may then do what both a scope of it and its account allow.
What anybody may call asks for none.

${row(['scope', 'opens'])}
${ruler(2)}
${scopeRows(contract).join('\n')}

### Closed to limited credentials

What changes credentials or access takes a whole login: no scope opens it.

${listed(contract, (name, procedure) => scopeOf(name, procedure) === null)}

### Needs a recent proof of identity

${listed(contract, (_, { fresh }) => fresh)}

### Needs a verified email address

${listed(contract, (_, { verified }) => verified)}
`
