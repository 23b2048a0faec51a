import {
  type ColumnDefinitionNode,
  type Kysely,
  type RootOperationNode,
  type SelectModifierNode,
  type SelectQueryNode,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely'

const isLock = ({ modifier }: SelectModifierNode) => modifier !== undefined && modifier !== 'Distinct'

class Compiler extends SqliteQueryCompiler {
  // A transaction that writes is alone here, so `for update` has nothing to do: it is left out, and
  // the same query runs on both engines.
  protected override visitSelectQuery(node: SelectQueryNode): void {
    const { endModifiers, ...rest } = node
    const kept = endModifiers?.filter((modifier) => !isLock(modifier)) ?? []
    super.visitSelectQuery(kept.length > 0 ? { ...rest, endModifiers: kept } : rest)
  }

  // This engine alone would let NULL into a primary key.
  protected override visitColumnDefinition(node: ColumnDefinitionNode): void {
    super.visitColumnDefinition(node.primaryKey ? { ...node, notNull: true } : node)
  }
}

class Adapter extends SqliteAdapter {
  override get supportsTransactionalDdl(): boolean {
    return true
  }
}

const adapter = new Adapter()

/** The parts of Kysely's own dialect that need no change, or only a small one. */
export const kysely = {
  createQueryCompiler: () => new Compiler(),
  createAdapter: () => adapter,
  createIntrospector: (db: Kysely<RootOperationNode>) => new SqliteIntrospector(db),
}
