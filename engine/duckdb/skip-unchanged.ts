import type { DuckDBConnection } from '@duckdb/node-api';
import type { Graph } from '../compile.ts';
import type { PreparedAction } from '../prepare-graph.ts';
import { type Applied, apply } from './apply.ts';
import {
  contentHashOf,
  inputHashOf,
  isUnmodified,
  rawTableNames,
  readTableHashes,
  rowsIn,
  type TableHashes,
  writeTableHashes,
} from './input-hash.ts';
import { identifier } from './sql/types.ts';

export interface AppliedOrSkipped extends Applied {
  /** The table was not rebuilt: its query, its inputs and its rows have not changed since an earlier run. */
  readonly isKept?: true;
}

/** Applies an action. All actions that it reads must have been applied before. */
export type Apply = (prepared: PreparedAction, connection: DuckDBConnection) => Promise<AppliedOrSkipped>;

/**
 * Makes the function that applies actions and stores the hashes of inputs and contents with each table. With
 * `skipUnchanged`, it skips a table whose input hash has not changed and whose rows still match the content hash. Inputs
 * are compared by content: if a rebuilt table has the same rows as before, the tables that read it can still be skipped.
 *
 * Incremental tables and assertions run every time.
 */
export async function createApply(
  setupConnection: DuckDBConnection,
  { graph, skipUnchanged }: { readonly graph: Graph; readonly skipUnchanged: boolean },
): Promise<Apply> {
  const before = skipUnchanged ? await readTableHashes(setupConnection) : new Map<string, TableHashes>();
  const rawTables = rawTableNames();
  const sources = new Map(graph.declarations.map(({ target }) => [target.name, target]));
  const contentHashes = new Map<string, Promise<string>>();
  const [version] = (await setupConnection.runAndReadAll('SELECT version()')).getRowsJson();

  async function contentHashesRead({ action }: PreparedAction, connection: DuckDBConnection) {
    const read = new Map<string, string>();
    for (const { name } of action.dependencyTargets ?? []) {
      const source = sources.get(name);
      if (source && !contentHashes.has(name))
        contentHashes.set(name, contentHashOf(connection, source, rawTables.has(name)));
      const contentHash = await contentHashes.get(name);
      if (contentHash !== undefined) read.set(name, contentHash);
    }
    return read;
  }

  return async (prepared, connection) => {
    const { target } = prepared.action;
    if (prepared.kind === 'assertion') return apply(prepared, connection);
    if (prepared.kind === 'incremental') {
      const applied = await apply(prepared, connection);
      contentHashes.set(target.name, Promise.resolve(await contentHashOf(connection, target, false)));
      return applied;
    }
    const inputHash = inputHashOf(prepared, await contentHashesRead(prepared, connection), String(version));
    const stored = before.get(`${target.schema}.${target.name}`);
    // An UPDATE by hand does not remove the stored hashes, so the rows must be checked too.
    if (stored?.inputHash === inputHash && (await isUnmodified(connection, target, stored))) {
      contentHashes.set(target.name, Promise.resolve(stored.contentHash));
      return { rows: rowsIn(stored.contentHash), isKept: true };
    }
    const applied = await apply(prepared, connection);
    const contentHash = await contentHashOf(connection, target, false);
    contentHashes.set(target.name, Promise.resolve(contentHash));
    await writeTableHashes(connection, `${identifier(target.schema)}.${identifier(target.name)}`, {
      inputHash,
      contentHash,
    });
    return applied;
  };
}
