import { AliasNode, IdentifierNode, type OperationNode, TableNode } from 'kysely'

/** Which table each alias of a query stands for. */
export const aliasesOf = (root: OperationNode): Map<string, string> => {
  const found = new Map<string, string>()
  const visit = (value: unknown): void => {
    if (Array.isArray(value)) {
      for (const item of value) visit(item)
    } else if (typeof value === 'object' && value !== null && 'kind' in value) {
      const node = value as OperationNode
      if (AliasNode.is(node) && TableNode.is(node.node) && IdentifierNode.is(node.alias))
        found.set(node.alias.name, node.node.table.identifier.name)
      for (const child of Object.values(node)) visit(child)
    }
  }
  visit(root)
  return found
}
