import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DuckDBInstance } from '@duckdb/node-api';
import { WarehouseError } from '../../../base/errors.ts';
import { columnsOf, duckdbType, type JsonSchema } from '../../../schemas/columns.ts';
import { compileValidator } from '../../../schemas/validator.ts';
import { readRows } from './read-pages.ts';
import { quoted } from './sql.ts';

/**
 * Proves that a schema works before it is written: its validator compiles, and DuckDB makes its table and reads a line
 * with all of its fields into it.
 *
 * @throws WarehouseError if one of these fails.
 */
export async function proveSchema(entity: string, schema: JsonSchema): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'servicetitan-schema-'));
  const instance = await DuckDBInstance.create(':memory:');
  const connection = await instance.connect();
  try {
    compileValidator(entity, schema);
    const columns = columnsOf(schema);
    const path = join(folder, 'line.ndjson');
    const line = `${JSON.stringify(Object.fromEntries(columns.map(({ name }) => [name, null])))}\n`;
    await writeFile(path, line);
    const types = columns.map((column) => `${quoted(column.name)} ${duckdbType(column)}`);
    await connection.run(`CREATE TABLE raw (${types.join(', ')}, _extra JSON, _row_hash VARCHAR,
      _run_id VARCHAR, _extracted_at TIMESTAMPTZ, _source_uri VARCHAR)`);
    const options = { personalData: 'keep', amounts: 'DECIMAL(38,9)', landingUri: '', schema } as const;
    await connection.run(
      `INSERT INTO raw BY NAME ${readRows(entity, [{ path, longestLine: line.length }], options)}`,
    );
  } catch (error) {
    throw new WarehouseError(`${entity}: the changed schema does not work, so it was not written`, {
      remedy: 'Leave the field in _extra, and report its name and type.',
      cause: error,
    });
  } finally {
    connection.closeSync();
    instance.closeSync();
    await rm(folder, { recursive: true, force: true });
  }
}
