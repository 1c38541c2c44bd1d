import { type Catalog, type CatalogTable, sourceTables } from './catalog.ts';
import type { Action, Graph } from './compile.ts';
import { duckdbQuery } from './duckdb/generate.ts';
import { identifier } from './duckdb/types.ts';
import type { GoogleSql } from './googlesql.ts';
import { inDependencyOrder, ModelError, modelError, resolveQuery, tableOf } from './model.ts';

export type ActionKind = 'table' | 'view' | 'incremental' | 'assertion';

/** An action of the graph with the DuckDB SQL of its query, or with the reason why there is none. */
export interface PreparedAction {
  readonly action: Action;
  readonly kind: ActionKind;
  /** Columns that the query publishes, in order; none where it is refused. */
  readonly columns: readonly string[];
  /** A query that makes the table, or finds the rows that break an assertion. */
  readonly sql?: string;
  /** Of an incremental table that exists already: the query for the rows to put into it. */
  readonly incrementalSql?: string;
  readonly error?: string;
  /** Neither SQL nor error: what it reads is refused, so nothing can be said of it. */
  readonly isBlocked?: true;
}

/**
 * Lets GoogleSQL resolve every action of the graph and writes its DuckDB SQL, in dependency order; the catalogue grows
 * with each model's own columns. What is refused is told in `error`, with file and line.
 */
export async function prepareGraph(
  engine: GoogleSql,
  { projectDir, graph, signal }: { projectDir: string; graph: Graph; signal?: AbortSignal },
): Promise<PreparedAction[]> {
  const relations = new Map(
    [...graph.declarations, ...graph.tables].map(({ target }) => [
      target.name,
      `${identifier(target.schema)}.${identifier(target.name)}`,
    ]),
  );
  const relation = (name: string) => relations.get(name) ?? identifier(name);
  const catalog: Catalog & { tables: CatalogTable[] } = { tables: sourceTables() };
  const isAssertion = new Set(graph.assertions);
  const prepared: PreparedAction[] = [];
  const unusable = new Set<string>();
  for (const action of inDependencyOrder([...graph.tables, ...graph.assertions])) {
    signal?.throwIfAborted();
    const kind = isAssertion.has(action) ? 'assertion' : kindOf(action);
    const origin = { projectDir, fileName: action.fileName };
    if (action.dependencyTargets?.some(({ name }) => unusable.has(name))) {
      unusable.add(action.target.name);
      prepared.push({ action, kind, columns: [], isBlocked: true });
      continue;
    }
    let query = action.query;
    try {
      const statement = await resolveQuery(engine, query, catalog, origin);
      const table = tableOf(action.target.name, statement);
      if (kind !== 'assertion') catalog.tables.push(table);
      const columns = table.columns.map(({ name }) => name);
      const sql = duckdbQuery(statement, relation);
      // The table itself is in the catalogue by now, so the incremental query may read it.
      query = action.incrementalQuery ?? query;
      const incrementalSql =
        kind === 'incremental'
          ? { incrementalSql: duckdbQuery(await resolveQuery(engine, query, catalog, origin), relation) }
          : {};
      prepared.push({ action, kind, columns, sql, ...incrementalSql });
    } catch (cause) {
      const error = modelError(cause, query, origin);
      if (!(error instanceof ModelError)) throw error;
      unusable.add(action.target.name);
      prepared.push({ action, kind, columns: [], error: error.message });
    }
  }
  return prepared;
}

function kindOf({ type }: Action): ActionKind {
  return type === 'view' || type === 'incremental' ? type : 'table';
}
