import type { DuckDBConnection } from '@duckdb/node-api';
import { entity as entityNamed } from '../../../schemas/entities.ts';
import type { Config } from '../../config.ts';
import { isNewestVersion } from '../newest-version.ts';
import { MISSING_RECORDS } from './missing-at-source.ts';
import { quoted, rows } from './sql.ts';
import { tableName } from './tables.ts';

/**
 * Ids of the open records: their balance is not zero in the newest version.
 *
 * Records noted as missing at the source are left out. An entity without a balance has no open records.
 */
export async function openRecordIds(
  connection: DuckDBConnection,
  config: Pick<Config, 'datasets'>,
  name: string,
): Promise<readonly string[]> {
  const { openRecords, key, changeField } = entityNamed(name);
  if (openRecords === undefined) return [];
  const field = quoted(openRecords.field);
  const found = await rows(
    connection,
    `SELECT CAST(key AS VARCHAR) AS id
     FROM (
       SELECT ${quoted(key)} AS key, ${field} AS field
       FROM ${tableName(config.datasets, { dataset: 'raw', name: `raw_${name}` })}
       QUALIFY ${isNewestVersion('key', quoted(changeField))}
     )
     WHERE field <> 0 AND id NOT IN (
       SELECT record_id FROM ${tableName(config.datasets, MISSING_RECORDS)} WHERE entity = $name
     )
     ORDER BY key`,
    { name },
  );
  return found.map(({ id }) => String(id));
}
