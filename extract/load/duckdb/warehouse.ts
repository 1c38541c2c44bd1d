import type { DuckDBConnection } from '@duckdb/node-api';
import type { Config } from '../../config.ts';
import { createWarehouse } from '../create-warehouse.ts';
import type { Warehouse } from '../warehouse.ts';
import { duckdbEngine } from './engine.ts';
import { openFile } from './open.ts';

export interface DuckdbWarehouse extends Warehouse {
  /** Another connection to the open file, its session in UTC; the caller closes it. */
  connect(): Promise<DuckDBConnection>;
}

/**
 * Opens the warehouse in a DuckDB file, or creates it.
 *
 * @param isReadOnly only `query` works then
 * @throws WarehouseError when another process has it open, or it is no DuckDB file of this version.
 */
export async function openDuckdb(
  config: Pick<Config, 'datasets' | 'personalData'>,
  path: string,
  isReadOnly = false,
): Promise<DuckdbWarehouse> {
  const instance = await openFile(path, isReadOnly);
  const connect = async () => {
    const connection = await instance.connect();
    await connection.run("SET TimeZone = 'UTC'");
    return connection;
  };
  const notes = await connect();
  const engine = duckdbEngine(config, connect, notes, () => {
    notes.closeSync();
    instance.closeSync();
  });
  return { ...createWarehouse(engine, config), connect };
}
