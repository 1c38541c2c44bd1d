import { createHash } from 'node:crypto';
import type { Action, Graph } from './compile.ts';
import { type KeyedQuery, keyedQuery } from './duckdb/by-key/keyed-query.ts';
import { readsClock } from './duckdb/sql/functions/functions.ts';
import { duckdbQuery } from './duckdb/sql/generate.ts';
import { identifier } from './duckdb/sql/types.ts';
import { type CatalogTable, cataloguedTable, sourceTables } from './googlesql/catalog.ts';
import {
  inDependencyOrder,
  ModelError,
  modelError,
  resolveQuery,
  tableOf,
} from './googlesql/resolve-query.ts';
import { offsetOf, UnsupportedSql } from './googlesql/resolved-node.ts';
import type { GoogleSql } from './googlesql/server.ts';
import { callsIn, signatureOf } from './googlesql/signature.ts';
import type { TreeNode } from './googlesql/tree.ts';

export type ActionKind = 'table' | 'view' | 'incremental' | 'assertion';

/** An action of the graph with the DuckDB SQL of its query, or the reason why there is none. */
export interface PreparedAction {
  readonly action: Action;
  readonly kind: ActionKind;
  /** Columns of the result, in order; empty if the query was refused. */
  readonly columns: readonly string[];
  /** The query that creates the table, or finds the rows that violate the assertion. */
  readonly sql?: string;
  /** For an incremental table that exists: the query for the rows to merge. */
  readonly incrementalSql?: string;
  /** How a part of the table is built again; absent if each row may depend on every other. */
  readonly byKey?: KeyedQuery;
  /** Why the query was refused, with file and line. */
  readonly error?: string;
  /** The line of the file that was refused, with a caret below the place. */
  readonly excerpt?: string;
  /** The query was not checked, because it reads a query that was refused. */
  readonly isBlocked?: true;
}

export interface PrepareOptions {
  readonly projectDir: string;
  readonly graph: Graph;
  readonly signal?: AbortSignal;
  readonly queries?: PreparedQueries;
}

/** Queries that were accepted, by the name of their action: a hash of what was sent, and what came back. */
export type PreparedQueries = Map<
  string,
  { readonly asked: string; readonly prepared: PreparedAction; readonly table: CatalogTable }
>;

/**
 * Resolves every action of the graph with GoogleSQL and writes its DuckDB SQL. Actions are taken in dependency order,
 * because each model adds its columns to the catalog. A refused query is not thrown but returned as `error`.
 *
 * @param options `queries` remembers accepted queries: one that is asked again over the same columns is not sent again
 */
export async function prepareGraph(
  engine: GoogleSql,
  { projectDir, graph, signal, queries = new Map() }: PrepareOptions,
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
    // Send only the tables that the query names: sending the whole catalog takes longer than analysing a query.
    const named = (action.dependencyTargets ?? []).flatMap(
      (needed) => tables.get(needed.name) ?? cataloguedTable(needed.name) ?? [],
    );
    const origin = { projectDir, fileName: action.fileName };
    let query = action.query;
    const relationsRead = (action.dependencyTargets ?? []).map((needed) => relation(needed.name));
    const asked = createHash('sha256')
      .update(JSON.stringify([kind, query, action.incrementalQuery, named, relationsRead]))
      .digest('hex');
    const known = queries.get(name);
    if (known?.asked === asked) {
      tables.set(name, known.table);
      return { ...known.prepared, action };
    }
    try {
      const statement = await resolveQuery(engine, query, { tables: named }, origin);
      refuseClock(statement);
      const table = tableOf(name, statement);
      tables.set(name, table);
      const columns = table.columns.map((column) => column.name);
      const sql = duckdbQuery(statement, relation);
      const remember = (prepared: PreparedAction) => {
        queries.set(name, { asked, prepared, table });
        return prepared;
      };
      if (kind !== 'incremental') {
        const byKey = kind === 'assertion' ? undefined : keyedQuery(statement, relation);
        return remember({ action, kind, columns, sql, ...(byKey && { byKey }) });
      }
      query = action.incrementalQuery ?? query;
      // An incremental query may read the table itself.
      const incremental = await resolveQuery(engine, query, { tables: [...named, table] }, origin);
      return remember({ action, kind, columns, sql, incrementalSql: duckdbQuery(incremental, relation) });
    } catch (cause) {
      const error = modelError(cause, query, origin);
      if (!(error instanceof ModelError)) throw error;
      unusable.add(name);
      const { message, excerpt } = error;
      return { action, kind, columns: [], error: message, ...(excerpt !== undefined && { excerpt }) };
    }
  };

  const prepared: PreparedAction[] = [];
  for (const table of inDependencyOrder(graph.tables)) prepared.push(await prepareAction(table));
  // No action reads an assertion, so all assertions can be analysed concurrently.
  return [...prepared, ...(await Promise.all(graph.assertions.map(prepareAction)))];
}

/** @throws UnsupportedSql if the result of a model would change with the clock */
function refuseClock(statement: TreeNode): void {
  const found = callsIn(statement).find((call) => readsClock(signatureOf(call)));
  if (found === undefined) return;
  const error = new UnsupportedSql(
    `${signatureOf(found)} in a model, because a night must be repeatable; \${dates.runDate()} is the day of the run`,
  );
  error.offset = offsetOf(found);
  throw error;
}

export function kindOf({ type }: Action): ActionKind {
  return type === 'view' || type === 'incremental' ? type : 'table';
}
