import type { DuckDBConnection } from '@duckdb/node-api';
import type { ReplacedKeys } from '../../../extract/load/duckdb/readable-copy.ts';
import type { Graph } from '../../compile.ts';
import type { PreparedAction } from '../../prepare-graph.ts';
import { inputHashOf, isUnmodified, type TableHashes } from '../input-hash.ts';
import { identifier } from '../sql/types.ts';
import type { Change } from './change.ts';
import { type RawContents, rawContentOf, readRawContents, writeRawContents } from './raw-contents.ts';
import { attachChanges, type ByKeyLimits, replaceRows } from './replace-rows.ts';

export interface ByKeyOptions {
  readonly onReplaced: ((table: string, keys: ReplacedKeys) => void) | undefined;
  /** The columns of each table that others read it by. */
  readonly keyColumns: ReadonlyMap<string, ReadonlySet<string>>;
  readonly limits: ByKeyLimits;
}

/** Builds tables by the keys that changed since the last run. */
export interface ByKey {
  /** The content hash of a raw table. What was added to it is what changed. */
  rawContentHash(
    connection: DuckDBConnection,
    source: { readonly schema: string; readonly name: string },
  ): Promise<string>;
  /**
   * Replaces the rows of the changed keys, if the table was made of what its inputs held before, by the same query.
   *
   * @param table `read`: what its inputs hold now; `stored`: its hashes before
   * @returns the content hash; undefined if the table must be built whole
   */
  build(
    prepared: PreparedAction,
    connection: DuckDBConnection,
    table: {
      readonly read: ReadonlyMap<string, string>;
      readonly inputHash: string;
      readonly stored: TableHashes;
    },
  ): Promise<string | undefined>;
  /** To be called after the last action: notes what the raw tables held, for the next run. */
  end(): Promise<void>;
}

/** @param version of DuckDB */
export async function startByKey(
  setupConnection: DuckDBConnection,
  graph: Graph,
  version: string,
  { onReplaced, keyColumns, limits }: ByKeyOptions,
): Promise<ByKey> {
  await attachChanges(setupConnection);
  const rawBefore = await readRawContents(setupConnection);
  const rawNow: RawContents = new Map(rawBefore);
  const changes = new Map<string, Change>();
  const schemas = new Map(
    [...graph.declarations, ...graph.tables].map(({ target: { schema, name } }) => [name, schema]),
  );
  const relation = (name: string) => `${identifier(schemas.get(name) ?? '')}.${identifier(name)}`;
  return {
    async rawContentHash(connection, source) {
      const { name } = source;
      const { change, ...content } = await rawContentOf(connection, source, rawBefore.get(name));
      rawNow.set(name, content);
      if (change) changes.set(name, change);
      return content.contentHash;
    },
    async build(prepared, connection, { read, inputHash, stored }) {
      const { byKey, action } = prepared;
      const { schema, name } = action.target;
      if (!byKey) return undefined;
      const heldBefore = new Map([...read].map(([table, now]) => [table, changes.get(table)?.before ?? now]));
      if (inputHashOf(prepared, heldBefore, version) !== stored.inputHash) return undefined;
      if (!(await isUnmodified(connection, action.target, stored))) return undefined;
      const replaced = await replaceRows(connection, {
        ...{ target: action.target, byKey, relation, limits },
        hashes: { inputHash, contentHash: stored.contentHash },
        changes: new Map([...changes].filter(([table]) => read.has(table))),
        keyColumns: [...(keyColumns.get(name) ?? [])],
      });
      if (!replaced) return undefined;
      if (replaced.change && replaced.contentHash !== stored.contentHash) changes.set(name, replaced.change);
      onReplaced?.(`${schema}.${name}`, replaced.keys);
      return replaced.contentHash;
    },
    end: () => writeRawContents(setupConnection, rawNow),
  };
}
