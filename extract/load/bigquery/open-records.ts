import { entity as entityNamed } from '../../../schemas/entities.ts';
import type { Datasets } from '../../config.ts';
import { isNewestVersion } from '../newest-version.ts';
import type { OpenRecords } from '../warehouse.ts';
import { rejectedTable } from './commit-script.ts';
import { missingRecordsTable } from './missing-at-source.ts';
import { literal, quoted, tableName } from './sql.ts';

type Read = (sql: string) => Promise<readonly Readonly<Record<string, unknown>>[]>;

/**
 * Ids of rejected records and of open records: their balance is not zero in the newest version.
 *
 * Records noted as missing at the source are left out of the open ones.
 */
export async function openIds(datasets: Datasets, name: string, read: Read): Promise<OpenRecords> {
  const { openRecords, key, changeField } = entityNamed(name);
  const raw = tableName(datasets, { dataset: 'raw', name: `raw_${name}` });
  const rejected = read(
    `SELECT DISTINCT record_id AS id FROM ${rejectedTable(datasets)}
     WHERE entity = ${literal(name)} AND record_id IS NOT NULL ORDER BY id`,
  );
  const open =
    openRecords === undefined
      ? Promise.resolve([])
      : read(
          `SELECT CAST(key AS STRING) AS id
           FROM (
             SELECT ${quoted(key)} AS key, ${quoted(openRecords.field)} AS field
             FROM ${raw}
             WHERE TRUE
             QUALIFY ${isNewestVersion(quoted(key), quoted(changeField))}
           )
           WHERE field <> 0 AND CAST(key AS STRING) NOT IN (
             SELECT record_id FROM ${missingRecordsTable(datasets)} WHERE entity = ${literal(name)}
           )
           ORDER BY key`,
        );
  const [rejectedRows, openRows] = await Promise.all([rejected, open]);
  return {
    rejectedIds: rejectedRows.map(({ id }) => String(id)),
    openIds: openRows.map(({ id }) => String(id)),
  };
}
