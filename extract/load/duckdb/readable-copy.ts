import { constants, existsSync } from 'node:fs';
import { copyFile, rename, rm } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { REPORT_TABLES } from '../../../schemas/columns.ts';
import type { Datasets } from '../../config.ts';
import { describedTables, type StoredTable, writeComments } from './comments.ts';
import { literal, quoted, rows } from './sql.ts';

/** Where the readable copy of a warehouse lies: beside it. */
export function readableCopyPath(warehousePath: string): string {
  return warehousePath.replace(/(\.duckdb)?$/, '.readable.duckdb');
}

/** Columns of a raw table that the copy has: which record came from which run and page. Personal data stay behind. */
const RAW_COLUMNS = new Set(
  'id jobId job modifiedOn _run_id _source_uri _extracted_at _generation'.split(' '),
);

/** What the copy has of a record that broke its schema: not its text, and its id only if it is a number, for it may be anything. */
const OF_REJECTED: Readonly<Record<string, string>> = {
  record: 'NULL::VARCHAR AS record',
  record_id: "CASE WHEN regexp_full_match(record_id, '[0-9]{1,19}') THEN record_id END AS record_id",
};

/** All rows of a built table that had one of these keys were replaced since the copy before. */
export interface ReplacedKeys {
  /** What the table held before, as its comment says. */
  readonly before: string;
  /** The column of the table that has the key. */
  readonly column: string;
  /** The relation with the keys, in its column `key`. */
  readonly keys: string;
}

/**
 * Writes the tables of mart, staging, logs and references into a file beside the warehouse, and puts it in the place of the
 * one before in one step: a reader has the old file or the new one, whole. Readers of the copy and runs never wait for each
 * other. Tables that hold what they held before are taken over from the file before; where only some rows changed, only these
 * are copied. Raw tables come with the columns that lead a record back to its page; records that broke their schema without
 * their text.
 *
 * @param connect opens a connection to the open warehouse
 * @param replaced of each table in which only the rows of some keys changed, by `dataset.table`
 */
export async function writeReadableCopy(
  connect: () => Promise<DuckDBConnection>,
  warehousePath: string,
  datasets: Datasets,
  replaced: ReadonlyMap<string, ReplacedKeys> = new Map(),
): Promise<void> {
  const path = readableCopyPath(warehousePath);
  const part = `${path}.part`;
  const removePart = async () => {
    for (const left of [part, `${part}.wal`]) await rm(left, { force: true });
  };
  await removePart();
  const connections = await Promise.all([connect(), connect()]);
  const [connection] = connections;
  const attach = () => connection.run(`ATTACH ${literal(part)} AS readable`);
  try {
    if (existsSync(path)) await copyFile(path, part, constants.COPYFILE_FICLONE);
    // A file before that is damaged, or of another version of DuckDB, only costs a whole copy.
    await attach().catch(async () => {
      await removePart();
      await attach();
    });
    try {
      await copyTables(connections, datasets, replaced);
    } finally {
      await connection.run('DETACH readable');
    }
  } finally {
    for (const each of connections) each.closeSync();
  }
  await rename(part, path);
}

/** @param connections each copies one table at a time, which leaves a core idle */
async function copyTables(
  connections: readonly [DuckDBConnection, DuckDBConnection],
  datasets: Datasets,
  replaced: ReadonlyMap<string, ReplacedKeys>,
): Promise<void> {
  const [connection] = connections;
  const schemas = Object.values(datasets);
  const tables = (await describedTables(connection)).filter(({ schema }) => schemas.includes(schema));
  for (const schema of schemas)
    await connection.run(`CREATE SCHEMA IF NOT EXISTS readable.${quoted(schema)}`);
  const before = await contentsOf(connection);
  const now = new Map<string, string | null>();
  const waiting = tables.values();
  const copyWaiting = async (free: DuckDBConnection) => {
    for (const table of waiting) {
      const keys = replaced.get(`${table.schema}.${table.name}`);
      const copied = await copyTable(free, table, { datasets, before, replaced: keys });
      if (copied) now.set(copied.name, copied.content);
    }
  };
  // A connection must not be closed while its query runs, so wait for both.
  const ends = await Promise.allSettled(connections.map(copyWaiting));
  for (const end of ends) if (end.status === 'rejected') throw end.reason;
  for (const table of before.keys())
    if (!now.has(table)) await connection.run(`DROP TABLE IF EXISTS readable.${table}`);
  await noteContents(connection, now);
  await writeComments(connection, tables, 'readable');
}

/** A table to be copied: the columns that the copy has of it, and what the copy held of it before. */
interface TableToCopy {
  readonly table: string;
  readonly columns: string;
  readonly before: string | null | undefined;
}

/** Copies a table unless the copy holds what it holds. @returns its name and what it holds; undefined if nothing of it is copied */
async function copyTable(
  connection: DuckDBConnection,
  { schema, name, columns, built }: StoredTable,
  {
    datasets,
    before,
    replaced,
  }: {
    readonly datasets: Datasets;
    readonly before: ReadonlyMap<string, string | null>;
    readonly replaced: ReplacedKeys | undefined;
  },
): Promise<{ readonly name: string; readonly content: string | null } | undefined> {
  const isRaw = schema === datasets.raw && !name.startsWith('reference_') && !REPORT_TABLES.has(name);
  const selected = columns
    .map((column) => column.name)
    .filter((column) => !isRaw || RAW_COLUMNS.has(column))
    .map((column) =>
      schema === datasets.logs && name === 'rejected_records'
        ? (OF_REJECTED[column] ?? quoted(column))
        : quoted(column),
    );
  if (selected.length === 0) return undefined;
  const table = `${quoted(schema)}.${quoted(name)}`;
  const toCopy = { table, columns: selected.join(', '), before: before.get(table) };
  const content = isRaw
    ? await copyVersions(connection, toCopy)
    : await copyBuilt(connection, toCopy, { built, replaced });
  return { name: table, content };
}

/** Copies a raw table. Runs add versions to it and never change them, so often only those that came are copied. */
async function copyVersions(connection: DuckDBConnection, toCopy: TableToCopy): Promise<string> {
  const { table, columns, before } = toCopy;
  const contentOf = async (condition: string) => {
    const [found] = await rows(
      connection,
      `SELECT count(*) || ':' || coalesce(sum(hash(_run_id, _extracted_at, _generation)), 0) AS versions FROM ${table} WHERE ${condition}`,
    );
    return `${columns}: ${found?.versions}`;
  };
  const content = await contentOf('true');
  if (before === content) return content;
  if (before) {
    const [last] = await rows(connection, `SELECT coalesce(max(_run_id), '') AS run FROM readable.${table}`);
    const isKnown = `_run_id <= ${literal(String(last?.run))}`;
    if (before === (await contentOf(isKnown))) {
      await connection.run(
        `INSERT INTO readable.${table} BY NAME SELECT ${columns} FROM ${table} WHERE NOT ${isKnown}`,
      );
      return content;
    }
  }
  await copyWhole(connection, toCopy);
  return content;
}

/** Copies any other table; null is returned for one that does not say what it holds, and is copied each time. */
async function copyBuilt(
  connection: DuckDBConnection,
  toCopy: TableToCopy,
  { built, replaced }: { readonly built: string | null; readonly replaced: ReplacedKeys | undefined },
): Promise<string | null> {
  const { table, columns, before } = toCopy;
  const content = built === null ? null : `${columns}: ${built}`;
  if (content !== null && before === content) return content;
  if (replaced && before?.startsWith(`${columns}: `) && before.endsWith(`, holds ${replaced.before}`)) {
    const isReplaced = `EXISTS (SELECT 1 FROM ${replaced.keys} AS changed WHERE changed.key IS NOT DISTINCT FROM r.${quoted(replaced.column)})`;
    await connection.run(`DELETE FROM readable.${table} AS r WHERE ${isReplaced}`);
    await connection.run(
      `INSERT INTO readable.${table} BY NAME SELECT ${columns} FROM ${table} AS r WHERE ${isReplaced}`,
    );
  } else await copyWhole(connection, toCopy);
  return content;
}

async function copyWhole(connection: DuckDBConnection, { table, columns }: TableToCopy): Promise<void> {
  await connection.run(`CREATE OR REPLACE TABLE readable.${table} AS SELECT ${columns} FROM ${table}`);
}

/** In the copy: what each of its tables holds, and null for one that is copied each time. */
const CONTENTS = 'readable.main.copied_tables';

async function contentsOf(connection: DuckDBConnection): Promise<ReadonlyMap<string, string | null>> {
  const known = await rows(
    connection,
    "SELECT 1 FROM duckdb_tables() WHERE database_name = 'readable' AND table_name = 'copied_tables'",
  );
  if (known.length === 0) return new Map();
  const found = await rows(connection, `SELECT name, content FROM ${CONTENTS}`);
  return new Map(found.map(({ name, content }) => [String(name), content as string | null]));
}

async function noteContents(
  connection: DuckDBConnection,
  contents: ReadonlyMap<string, string | null>,
): Promise<void> {
  const values = [...contents].map(
    ([name, content]) => `(${literal(name)}, ${content === null ? 'NULL' : literal(content)})`,
  );
  await connection.run(
    `CREATE OR REPLACE TABLE ${CONTENTS} AS SELECT * FROM (VALUES ${values.join(', ')}) AS copied (name, content)`,
  );
}
