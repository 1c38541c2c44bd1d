import type { DuckDBConnection } from '@duckdb/node-api';
import type { Config } from '../../config.ts';
import type { VanishedNote } from '../warehouse.ts';
import { tableName } from './tables.ts';

export const VANISHED = { dataset: 'logs', name: 'vanished_records' } as const;

/** Notes records as vanished, and forgets those that returned. Runs inside the caller's transaction. */
export async function noteVanished(
  connection: DuckDBConnection,
  config: Pick<Config, 'datasets'>,
  { lease, gone, evidence, returnedIds, now }: VanishedNote,
): Promise<void> {
  const table = tableName(config.datasets, VANISHED);
  const { entity } = lease;
  const ids = JSON.stringify([...gone.map(({ id }) => id), ...returnedIds]);
  await connection.run(
    `DELETE FROM ${table}
     WHERE entity = $entity AND record_id IN (SELECT unnest(from_json($ids, '["VARCHAR"]')))`,
    { entity, ids },
  );
  await connection.run(
    `INSERT INTO ${table} (entity, record_id, changed_at, found_at, evidence)
     SELECT $entity, record.id, record.changedAt::TIMESTAMPTZ, $now::TIMESTAMPTZ, $evidence
     FROM (SELECT unnest(from_json($gone, '[{"id":"VARCHAR","changedAt":"VARCHAR"}]')) AS record)`,
    { entity, gone: JSON.stringify(gone), now: now.toISOString(), evidence },
  );
}
