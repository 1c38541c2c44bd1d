import type { DuckDBConnection } from '@duckdb/node-api';
import type { Config } from '../../config.ts';
import type { MissingNote } from '../warehouse.ts';
import { tableName } from './tables.ts';

export const MISSING_RECORDS = { dataset: 'logs', name: 'vanished_records' } as const;

/** Adds missing records to `vanished_records` and deletes those that came back. Runs in the caller's transaction. */
export async function noteMissing(
  connection: DuckDBConnection,
  config: Pick<Config, 'datasets'>,
  { lease, missing, evidence, returnedIds, now }: MissingNote,
): Promise<void> {
  const table = tableName(config.datasets, MISSING_RECORDS);
  const { entity } = lease;
  const ids = JSON.stringify([...missing.map(({ id }) => id), ...returnedIds]);
  await connection.run(
    `DELETE FROM ${table}
     WHERE entity = $entity AND record_id IN (SELECT unnest(from_json($ids, '["VARCHAR"]')))`,
    { entity, ids },
  );
  await connection.run(
    `INSERT INTO ${table} (entity, record_id, changed_at, found_at, evidence)
     SELECT $entity, record.id, record.changedAt::TIMESTAMPTZ, $now::TIMESTAMPTZ, $evidence
     FROM (SELECT unnest(from_json($missing, '[{"id":"VARCHAR","changedAt":"VARCHAR"}]')) AS record)`,
    { entity, missing: JSON.stringify(missing), now: now.toISOString(), evidence },
  );
}
