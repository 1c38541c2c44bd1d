import type { Action, Graph } from './compile.ts';
import { duckdbQuery } from './duckdb/sql/generate.ts';
import { identifier } from './duckdb/sql/types.ts';
import { type CatalogTable, sourceTables } from './googlesql/catalog.ts';
import {
  inDependencyOrder,
  ModelError,
  modelError,
  resolveQuery,
  tableOf,
} from './googlesql/resolve-query.ts';
import type { GoogleSql } from './googlesql/server.ts';

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
  const tables = new Map<string, CatalogTable>(sourceTables().map((table) => [table.name, table]));
  const isAssertion = new Set(graph.assertions);
  const unusable = new Set<string>();

  const prepareAction = async (action: Action): Promise<PreparedAction> => {
    signal?.throwIfAborted();
    const { name } = action.target;
    const kind = isAssertion.has(action) ? 'assertion' : kindOf(action);
    if (action.dependencyTargets?.some((needed) => unusable.has(needed.name))) {
      unusable.add(name);
      return { action, kind, columns: [], isBlocked: true };
    }
    // Only what the query names is sent along: the whole catalogue takes longer to send than a query to analyse.
    const named = (action.dependencyTargets ?? []).flatMap((needed) => tables.get(needed.name) ?? []);
    const origin = { projectDir, fileName: action.fileName };
    let query = action.query;
    try {
      const statement = await resolveQuery(engine, query, { tables: named }, origin);
      const table = tableOf(name, statement);
      tables.set(name, table);
      const columns = table.columns.map((column) => column.name);
      const sql = duckdbQuery(statement, relation);
      if (kind !== 'incremental') return { action, kind, columns, sql };
      query = action.incrementalQuery ?? query;
      // An incremental query may read the table itself.
      const incremental = await resolveQuery(engine, query, { tables: [...named, table] }, origin);
      return { action, kind, columns, sql, incrementalSql: duckdbQuery(incremental, relation) };
    } catch (cause) {
      const error = modelError(cause, query, origin);
      if (!(error instanceof ModelError)) throw error;
      unusable.add(name);
      return { action, kind, columns: [], error: error.message };
    }
  };

  const prepared: PreparedAction[] = [];
  for (const table of inDependencyOrder(graph.tables)) prepared.push(await prepareAction(table));
  // Nothing reads an assertion, so all of them may be analysed at a time.
  return [...prepared, ...(await Promise.all(graph.assertions.map(prepareAction)))];
}

export function kindOf({ type }: Action): ActionKind {
  return type === 'view' || type === 'incremental' ? type : 'table';
}
