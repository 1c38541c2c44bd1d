import type { DuckDBConnection } from '@duckdb/node-api';
import type { Graph } from '../compile.ts';
import { isRawTable } from '../googlesql/catalog.ts';
import type { PreparedAction } from '../prepare-graph.ts';
import { type Applied, apply } from './apply.ts';
import type { BuildMemory } from './build-memory.ts';
import { type ByKeyOptions, startByKey } from './by-key/build-by-key.ts';
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
    ...byKeyOptions
  }: ByKeyOptions & {
    readonly graph: Graph;
    readonly skipUnchanged: boolean;
    readonly memory: BuildMemory | undefined;
  },
): Promise<Applying> {
  const marked = await readTableHashes(setupConnection);
  const before = skipUnchanged ? marked : new Map<string, TableHashes>();
  const sources = new Map(graph.declarations.map(({ target }) => [target.name, target]));
  const knownVerdicts =
    memory?.assertions ?? (skipUnchanged ? await readVerdicts(setupConnection) : new Map());
  const verdicts: Verdicts = memory?.assertions ?? new Map();
  const contentHashes = new Map<string, Promise<string>>();
  const [version, storedRows] = await versionAndRows(setupConnection);
  const isByKey = skipUnchanged && !memory && storedRows >= byKeyOptions.limits.warehouseRows;
  const byKey = isByKey ? await startByKey(setupConnection, graph, version, byKeyOptions) : undefined;

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

  const sourceContent = (connection: DuckDBConnection, source: Target) =>
    byKey && isRawTable(source.name)
      ? byKey.rawContentHash(connection, source)
      : contentHashOf(connection, source, isRawTable(source.name));

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
    const replaced = stored && (await byKey?.build(prepared, connection, { read, inputHash, stored }));
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
      await byKey?.end();
    },
  };
}
