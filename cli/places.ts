import { existsSync } from 'node:fs';
import type { Config } from '../extract/config.ts';
import { ConfigurationError } from '../extract/errors.ts';
import { folderLanding } from '../extract/landing/folder.ts';
import type { Landing } from '../extract/landing/port.ts';

export function openLanding({ landing }: Pick<Config, 'landing'>): Landing {
  if (landing.kind !== 'folder') throw notInThisVersion();
  return folderLanding(landing.path);
}

/** Opens the warehouse as it is; nothing is created in it. The caller closes it. */
export async function openWarehouse(config: Pick<Config, 'warehouse' | 'datasets' | 'personalData'>) {
  if (config.warehouse.kind !== 'duckdb') throw notInThisVersion();
  const { path } = config.warehouse;
  // An image that runs on BigQuery leaves DuckDB out.
  const { openDuckdb } = await import('../extract/warehouse/duckdb.ts');
  return { path, warehouse: await openDuckdb(config, path) };
}

/** Whether there is a warehouse already; opening would make one. */
export function warehouseExists({ warehouse }: Pick<Config, 'warehouse'>): boolean {
  return warehouse.kind !== 'duckdb' || existsSync(warehouse.path);
}

function notInThisVersion(): ConfigurationError {
  return new ConfigurationError(
    ['BigQuery and Cloud Storage are not part of this version'],
    'Unset BQ_PROJECT_ID or set WAREHOUSE=duckdb, and let LANDING_URI name a folder.',
  );
}
