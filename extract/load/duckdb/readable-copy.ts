import { existsSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Datasets } from '../../config.ts';
import { commentStatements, describedTables } from './comments.ts';
import { literal, quoted, rows } from './sql.ts';

/** Where the readable copy of a warehouse lies: beside it. */
export function readableCopyPath(warehousePath: string): string {
  return warehousePath.replace(/(\.duckdb)?$/, '.readable.duckdb');
}

/** The path that readers open: the copy, or the warehouse itself before the first night wrote one. */
export function readablePath(warehousePath: string): string {
  const copy = readableCopyPath(warehousePath);
  return existsSync(copy) ? copy : warehousePath;
}

/** Columns of a raw table that the copy has: which record came from which run and page. Personal data stay behind. */
const RAW_COLUMNS = new Set([
  ...[
    'id',
    'jobId',
    'job',
    'modifiedOn',
    '_run_id',
    '_source_uri',
    '_page',
    '_extracted_at',
    '_generation',
    '_row_hash',
  ],
]);

/** What the copy has of a record that broke its schema: not its text, and its id only if it is a number, for it may be anything. */
const OF_REJECTED: Readonly<Record<string, string>> = {
  record: 'NULL::VARCHAR AS record',
  record_id: "CASE WHEN regexp_full_match(record_id, '[0-9]{1,19}') THEN record_id END AS record_id",
};

/**
 * Writes the tables of mart, staging, logs and references into a file beside the warehouse, and puts it in the place of the
 * one before in one step: a reader has the old file or the new one, whole. Readers of the copy and runs never wait for each
 * other. Raw tables come with the columns that lead a record back to its page; records that broke their schema without
 * their text.
 *
 * @param connect opens a connection to the open warehouse
 */
export async function writeReadableCopy(
  connect: () => Promise<DuckDBConnection>,
  warehousePath: string,
  datasets: Datasets,
): Promise<void> {
  const path = readableCopyPath(warehousePath);
  const part = `${path}.part`;
  for (const left of [part, `${part}.wal`]) await rm(left, { force: true });
  const connection = await connect();
  try {
    await connection.run(`ATTACH ${literal(part)} AS readable`);
    try {
      await copyTables(connection, datasets);
    } finally {
      await connection.run('DETACH readable');
    }
  } finally {
    connection.closeSync();
  }
  await rename(part, path);
}

async function copyTables(connection: DuckDBConnection, datasets: Datasets): Promise<void> {
  const schemas = Object.values(datasets);
  const tables = (await describedTables(connection)).filter(({ schema }) => schemas.includes(schema));
  for (const schema of schemas) await connection.run(`CREATE SCHEMA readable.${quoted(schema)}`);
  for (const { schema, name, columns } of tables) {
    const isRaw = schema === datasets.raw && !name.startsWith('reference_') && !name.endsWith('_report');
    const selected = columns
      .map((column) => column.name)
      .filter((column) => !isRaw || RAW_COLUMNS.has(column))
      .map((column) =>
        schema === datasets.logs && name === 'rejected_records'
          ? (OF_REJECTED[column] ?? quoted(column))
          : quoted(column),
      );
    if (selected.length === 0) continue;
    await connection.run(
      `CREATE TABLE readable.${quoted(schema)}.${quoted(name)} AS SELECT ${selected.join(', ')} FROM ${quoted(schema)}.${quoted(name)}`,
    );
  }
  const copied = await rows(
    connection,
    `SELECT schema_name AS schema, table_name AS name, column_name AS "column" FROM duckdb_columns()
     WHERE database_name = 'readable'`,
  );
  const known = new Set(copied.map(({ schema, name, column }) => `${schema}.${name}.${column}`));
  const comments = tables.flatMap(({ schema, name, comment, columns }) =>
    commentStatements(`readable.${quoted(schema)}.${quoted(name)}`, {
      comment: columns.some((column) => known.has(`${schema}.${name}.${column.name}`)) ? comment : null,
      columns: columns.filter((column) => known.has(`${schema}.${name}.${column.name}`)),
    }),
  );
  if (comments.length > 0) await connection.run(comments.join(';\n'));
}
