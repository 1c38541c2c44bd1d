import { existsSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import type { Config } from '../../extract/config.ts';
import type { Status } from './status.ts';

/** Of the file; what another version wrote is not read. */
const FORMAT = 1;

interface StoredStatus {
  readonly format: number;
  readonly logs: string;
  /** Size and time of the warehouse's file when a run had closed it. */
  readonly warehouse: string;
  readonly status: Status;
}

/**
 * Stores beside a DuckDB file that a run has closed what `status` would read from it: opening the file takes longer than all
 * else that `status` does. If it cannot be stored, `status` opens the file.
 */
export function storeStatus(warehousePath: string, { logs }: Config['datasets'], status: Status): void {
  const path = storedStatusPath(warehousePath);
  try {
    const warehouse = stateOf(warehousePath);
    if (warehouse === undefined) return;
    const stored: StoredStatus = { format: FORMAT, logs, warehouse, status };
    writeFileSync(`${path}.part`, JSON.stringify(stored));
    renameSync(`${path}.part`, path);
  } catch {
    // Then the one before stays, which is of another state of the warehouse.
  }
}

/** What the last run stored; undefined if the warehouse was written since, or is being written. */
export function storedStatus({
  warehouse,
  datasets,
}: Pick<Config, 'warehouse' | 'datasets'>): Status | undefined {
  if (warehouse.kind !== 'duckdb') return undefined;
  try {
    const stored = JSON.parse(readFileSync(storedStatusPath(warehouse.path), 'utf8')) as StoredStatus;
    const isOfNow = stored.warehouse === stateOf(warehouse.path);
    return isOfNow && stored.format === FORMAT && stored.logs === datasets.logs ? stored.status : undefined;
  } catch {
    return undefined;
  }
}

export function storedStatusPath(warehousePath: string): string {
  return warehousePath.replace(/(\.duckdb)?$/, '.status.json');
}

/** Changes with each write. Undefined if there is a log of changes that are not in the file yet. */
function stateOf(warehousePath: string): string | undefined {
  if (existsSync(`${warehousePath}.wal`)) return undefined;
  const { size, mtimeMs } = statSync(warehousePath);
  return `${size} ${mtimeMs}`;
}
