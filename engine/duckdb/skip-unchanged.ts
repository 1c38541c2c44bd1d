import type { DuckDBConnection } from '@duckdb/node-api';
import type { ReplacedKeys } from '../../extract/load/duckdb/readable-copy.ts';
import type { Graph } from '../compile.ts';
import { isRawTable } from '../googlesql/catalog.ts';
import type { PreparedAction } from '../prepare-graph.ts';
import { type Applied, apply } from './apply.ts';
import type { BuildMemory } from './build-memory.ts';
import type { Change } from './by-key/change.ts';
import { type RawContents, rawContentOf, readRawContents, writeRawContents } from './by-key/raw-contents.ts';
import { attachChanges, type ByKeyLimits, replaceRows } from './by-key/replace-rows.ts';
import {
  contentHashOf,
  inputHashOf,
  isUnmodified,
  readTableHashes,
  rowsIn,
  type TableHashes,
  writeTableHashes,
} from './input-hash.ts';
import { type RowChanges, withRowChanges } from './row-changes.ts';
import { identifier } from './sql/types.ts';
import { readVerdicts, type Verdicts, writeVerdicts } from './verdicts.ts';

type Target = { readonly schema: string; readonly name: string };

export interface AppliedOrSkipped extends Applied {
  /** Not built or checked again: its query, its inputs and its rows have not changed since an earlier run. */
  readonly isKept?: true;
  readonly changes?: RowChanges;
}

/** Applies an action. All actions that it reads must have been applied before. */
export type Apply = (prepared: PreparedAction, connection: DuckDBConnection) => Promise<AppliedOrSkipped>;

/** Applies the actions of one run. */
export interface Applying {
  readonly apply: Apply;
  /** To be called after the last action: stores what the assertions found, for the next run. */
  end(): Promise<void>;
}

/** DuckDB's version, and about how many rows the warehouse has. */
async function versionAndRows(connection: DuckDBConnection): Promise<[version: string, rows: number]> {
  const reader = await connection.runAndReadAll(
    'SELECT version(), (SELECT sum(estimated_size) FROM duckdb_tables() WHERE database_name = current_database())',
  );
  const [version, rows] = reader.getRowsJson()[0] ?? [];
  return [String(version), Number(rows ?? 0)];
}

/**
 * Makes the function that applies actions and stores the hashes of inputs and contents with each table. With
 * `skipUnchanged`, it skips a table whose input hash has not changed and whose rows still match the content hash, and an
 * assertion whose input hash has not changed keeps its verdict. Inputs are compared by content: if a rebuilt table has the
 * same rows as before, the tables that read it can still be skipped. Incremental tables run every time. Where only records
 * were added since the last run, a table whose query keeps keys apart gets new rows for the keys that changed.
 *
 * @param options `memory` of earlier builds of this process; with it, the rows of each built table are compared too
 */
export async function startApplying(
  setupConnection: DuckDBConnection,
  {
    graph,
    skipUnchanged,
    memory,
    onReplaced,
    keyColumns,
    limits,
  }: {
    readonly graph: Graph;
    readonly skipUnchanged: boolean;
    readonly memory: BuildMemory | undefined;
    readonly onReplaced: ((table: string, keys: ReplacedKeys) => void) | undefined;
    /** The columns of each table that others read it by. */
    readonly keyColumns: ReadonlyMap<string, ReadonlySet<string>>;
    readonly limits: ByKeyLimits;
  },
): Promise<Applying> {
  const marked = await readTableHashes(setupConnection);
  const before = skipUnchanged ? marked : new Map<string, TableHashes>();
  const sources = new Map(graph.declarations.map(({ target }) => [target.name, target]));
  const knownVerdicts =
    memory?.assertions ?? (skipUnchanged ? await readVerdicts(setupConnection) : new Map());
  const verdicts: Verdicts = memory?.assertions ?? new Map();
  const contentHashes = new Map<string, Promise<string>>();
  const targets = new Map(
    [...graph.declarations, ...graph.tables].map(({ target }) => [target.name, target]),
  );
  const relation = (name: string) => {
    const { schema = '' } = targets.get(name) ?? {};
    return `${identifier(schema)}.${identifier(name)}`;
  };
  const [version, storedRows] = await versionAndRows(setupConnection);
  const isByKey = skipUnchanged && !memory && storedRows >= limits.warehouseRows;
  if (isByKey) await attachChanges(setupConnection);
  const rawBefore = isByKey ? await readRawContents(setupConnection) : new Map();
  const rawNow: RawContents = new Map(rawBefore);
  const changes = new Map<string, Change>();

  async function contentHashesRead({ action }: PreparedAction, connection: DuckDBConnection) {
    const read = new Map<string, string>();
    for (const { name } of action.dependencyTargets ?? []) {
      const source = sources.get(name);
      if (source && !contentHashes.has(name)) {
        const isRaw = isRawTable(name);
        const known = isRaw ? memory?.contents.get(name) : undefined;
        contentHashes.set(
          name,
          known === undefined ? sourceContent(connection, source) : Promise.resolve(known),
        );
      }
      const contentHash = await contentHashes.get(name)?.catch((error: unknown) => {
        // An action that ran out of memory is run again, and must not find this error.
        contentHashes.delete(name);
        throw error;
      });
      if (contentHash === undefined) continue;
      read.set(name, contentHash);
      if (isRawTable(name)) memory?.contents.set(name, contentHash);
    }
    return read;
  }

  async function sourceContent(connection: DuckDBConnection, source: Target): Promise<string> {
    const { name } = source;
    if (!isByKey || !isRawTable(name)) return contentHashOf(connection, source, isRawTable(name));
    const { change, ...content } = await rawContentOf(connection, source, rawBefore.get(name));
    rawNow.set(name, content);
    if (change) changes.set(name, change);
    return content.contentHash;
  }

  /** Builds a table by the keys that changed, if it was made of what its inputs held before the run, by the same query. */
  async function buildByKey(
    prepared: PreparedAction,
    connection: DuckDBConnection,
    { read, inputHash }: { read: ReadonlyMap<string, string>; inputHash: string },
  ): Promise<string | undefined> {
    const { byKey, action } = prepared;
    const { schema, name } = action.target;
    const stored = before.get(`${schema}.${name}`);
    if (!isByKey || !byKey || !stored) return undefined;
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
  }

  async function check(prepared: PreparedAction, connection: DuckDBConnection): Promise<AppliedOrSkipped> {
    const { name } = prepared.action.target;
    const inputHash = inputHashOf(prepared, await contentHashesRead(prepared, connection), version);
    const known = knownVerdicts.get(name);
    if (known?.inputHash === inputHash) {
      verdicts.set(name, known);
      return { ...known.found, isKept: true };
    }
    const found = await apply(prepared, connection);
    verdicts.set(name, { inputHash, found });
    return found;
  }

  /** An incremental table that was built whole before must not look as if it could be built again. */
  async function unmark(connection: DuckDBConnection, table: string): Promise<void> {
    if (!marked.has(table)) return;
    await connection.run(`COMMENT ON TABLE ${table.split('.').map(identifier).join('.')} IS NULL`);
  }

  const applyOne: Apply = async (prepared, connection) => {
    const { target } = prepared.action;
    if (prepared.kind === 'assertion') return check(prepared, connection);
    if (prepared.kind === 'incremental') {
      await unmark(connection, `${target.schema}.${target.name}`);
      const applied = await apply(prepared, connection);
      contentHashes.set(target.name, Promise.resolve(await contentHashOf(connection, target, false)));
      return applied;
    }
    const read = await contentHashesRead(prepared, connection);
    const inputHash = inputHashOf(prepared, read, version);
    const stored = before.get(`${target.schema}.${target.name}`);
    const isKnown = memory?.contents.get(target.name) === stored?.contentHash;
    // An UPDATE by hand does not remove the stored hashes, so the rows must be checked too.
    if (stored?.inputHash === inputHash && (isKnown || (await isUnmodified(connection, target, stored)))) {
      memory?.contents.set(target.name, stored.contentHash);
      contentHashes.set(target.name, Promise.resolve(stored.contentHash));
      return { rows: rowsIn(stored.contentHash), isKept: true };
    }
    const replaced = await buildByKey(prepared, connection, { read, inputHash });
    if (replaced !== undefined) {
      contentHashes.set(target.name, Promise.resolve(replaced));
      return { rows: rowsIn(replaced) };
    }
    const build = () => apply(prepared, connection);
    const applied = await (memory ? withRowChanges(connection, target, build) : build());
    const contentHash = await contentHashOf(connection, target, false);
    contentHashes.set(target.name, Promise.resolve(contentHash));
    memory?.contents.set(target.name, contentHash);
    await writeTableHashes(connection, `${identifier(target.schema)}.${identifier(target.name)}`, {
      inputHash,
      contentHash,
    });
    return applied;
  };
  return {
    apply: applyOne,
    async end() {
      if (memory) return;
      await writeVerdicts(setupConnection, verdicts);
      if (isByKey) await writeRawContents(setupConnection, rawNow);
    },
  };
}
