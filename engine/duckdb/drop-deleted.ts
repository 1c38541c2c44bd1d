import type { DuckDBConnection } from '@duckdb/node-api';
import type { Graph } from '../compile.ts';
import { readTableHashes } from './input-hash.ts';
import { identifier } from './sql/types.ts';

/**
 * Drops each table whose model is no longer in the graph. Only a table that carries the mark of a build is dropped, and only
 * in datasets of the graph: loads write raw tables, state and logs, and snapshots are incremental, so none of them has a mark.
 *
 * @returns the names of the dropped tables, as `dataset.table`
 */
export async function dropDeleted(connection: DuckDBConnection, graph: Graph): Promise<readonly string[]> {
  const datasets = new Set(graph.tables.map(({ target }) => target.schema));
  const known = new Set(
    [...graph.tables, ...graph.declarations].map(({ target }) => `${target.schema}.${target.name}`),
  );
  const deleted = [...(await readTableHashes(connection)).keys()].filter(
    (table) => datasets.has(table.split('.')[0] ?? '') && !known.has(table),
  );
  for (const table of deleted) {
    await connection.run(`DROP TABLE ${table.split('.').map(identifier).join('.')}`);
  }
  return deleted;
}
