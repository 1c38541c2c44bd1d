import type { DuckDBConnection } from '@duckdb/node-api';
import PQueue from 'p-queue';
import type { Config } from '../../config.ts';
import type { Engine } from '../engine.ts';
import { LEASE_MS } from '../lease-owner.ts';
import type { Dialect } from '../sql/dialect.ts';
import { inlineRows, inTransaction, literal, quoted, rows, runAll } from './sql.ts';
import { hasTable, prepareTables, tableName } from './tables.ts';

export function duckdbEngine(
  config: Pick<Config, 'datasets' | 'personalData'>,
  connect: () => Promise<DuckDBConnection>,
  notes: DuckDBConnection,
  closeAll: () => void,
): Engine {
  const { datasets } = config;
  const dialect: Dialect = {
    literal: (text) => (text === null ? 'null' : literal(text)),
    column: quoted,
    table: (table) => tableName(datasets, table),
  };
  // Short transactions go beside the loads, on a connection of their own.
  const turns = new PQueue({ concurrency: 1 });
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => turns.add(() => inTransaction(notes, work));
  // Commands that only read do not need these modules.
  let loading: Promise<ReturnType<typeof import('./load.ts').duckdbLoads>> | undefined;
  const loads = () => {
    loading ??= import('./load.ts').then(({ duckdbLoads }) => duckdbLoads({ config, dialect, connect }));
    return loading;
  };

  return {
    dialect,
    leaseMs: LEASE_MS,
    // A DuckDB file is open in one process at a time.
    isShared: false,
    prepare: (tables) => inTurn(() => prepareTables(notes, datasets, tables)),

    async query(sql) {
      // A connection of its own: reading must not wait for a load.
      const reading = await connect();
      try {
        return await rows(reading, sql);
      } finally {
        reading.closeSync();
      }
    },
    transact: (statements) =>
      inTurn(() => runAll(notes, typeof statements === 'function' ? statements() : statements)),
    raised(error, message) {
      const cause = error instanceof Error ? error.cause : undefined;
      const text = cause instanceof Error ? cause.message : '';
      const at = text.indexOf(message);
      return at < 0 ? undefined : (text.slice(at + message.length).split('\n')[0] ?? '').trim();
    },

    refusedContent(error) {
      const cause = error instanceof Error ? error.cause : undefined;
      return (
        cause instanceof Error && /^Conversion Error|JSON transform error|Malformed JSON/.test(cause.message)
      );
    },
    async takesLines(entity, ndjson) {
      const { canRead } = await import('./can-read.ts');
      return canRead(connect, { entity, ndjson, personalData: config.personalData });
    },
    loadEarly: async (entity, landing) => (await loads()).loadEarly(entity, landing),
    allRead: async () => (await loads()).allRead(),
    load: async (request) => (await loads()).load(request),

    replace: (table, values) =>
      inTurn(async () => {
        const names = table.columns.map((column) => quoted(column.name)).join(', ');
        await notes.run(`DELETE FROM ${dialect.table(table)}`);
        await notes.run(
          `INSERT INTO ${dialect.table(table)} (${names}) SELECT ${names} FROM ${inlineRows(table, values)}`,
        );
      }),
    checkWriteAccess: (dataset) => inTurn(() => checkWriteAccess(notes, datasets[dataset])),
    hasTable: ({ dataset, name }) => inTurn(() => hasTable(notes, datasets[dataset], name)),
    // They are temporary, and end with the connection that made them.
    loadTables: async () => [],
    cost: () => undefined,
    close: closeAll,
  };
}

/** Makes a table in the schema, writes into it and drops it, and the schema too where it was missing. */
async function checkWriteAccess(connection: DuckDBConnection, schema: string): Promise<void> {
  const known = await rows(connection, 'SELECT 1 FROM duckdb_schemas() WHERE schema_name = $schema', {
    schema,
  });
  const table = `${quoted(schema)}.doctor_probe`;
  await connection.run(`CREATE SCHEMA IF NOT EXISTS ${quoted(schema)}`);
  await connection.run(`CREATE TABLE ${table} (one BIGINT)`);
  await connection.run(`INSERT INTO ${table} VALUES (1)`);
  await connection.run(`DROP TABLE ${table}`);
  if (known.length === 0) await connection.run(`DROP SCHEMA ${quoted(schema)}`);
}
