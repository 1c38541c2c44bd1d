import type { DuckDBConnection } from '@duckdb/node-api';
import { quoted, rows } from './sql.ts';

/** Creates a table in the schema, inserts a row and drops the table. A missing schema is created and dropped too. */
export async function checkWriteAccess(connection: DuckDBConnection, schema: string): Promise<void> {
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
