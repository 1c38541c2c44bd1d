import type { DuckDBConnection } from '@duckdb/node-api';
import { entity as entityNamed } from '../../../schemas/entities.ts';
import type { Config } from '../../config.ts';
import { quoted } from './sql.ts';
import { tableName } from './tables.ts';

/**
 * Takes out the rejected records that came again later and fit the schema, and the vanished ones that came again: they are
 * among the loaded rows, also when the raw table had that version already.
 */
export async function clearResolved(
  connection: DuckDBConnection,
  config: Pick<Config, 'datasets'>,
  entity: string,
  loadTable: string,
): Promise<void> {
  for (const [name, notedAt] of [
    ['rejected_records', 'rejected_at'],
    ['vanished_records', 'found_at'],
  ] as const) {
    await connection.run(
      `DELETE FROM ${tableName(config.datasets, { dataset: 'logs', name })} AS noted
       WHERE noted.entity = $entity AND EXISTS (
         SELECT 1 FROM ${loadTable} AS seen
         WHERE CAST(seen.${quoted(entityNamed(entity).key)} AS VARCHAR) = noted.record_id
           AND seen._extracted_at > noted.${notedAt}
       )`,
      { entity },
    );
  }
}
