import type { DuckDBConnection } from '@duckdb/node-api';
import { entity as entityNamed } from '../../../schemas/entities.ts';
import type { Config } from '../../config.ts';
import { quoted } from './sql.ts';
import { tableName } from './tables.ts';

/**
 * Deletes the notes of rejected and missing records that were loaded after the note was written.
 *
 * It compares with all loaded rows, because the raw table may already have had the version that was loaded.
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
