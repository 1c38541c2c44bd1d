import type { Datasets } from '../../config.ts';
import type { MissingNote } from '../warehouse.ts';
import { literal, tableName, timestamp } from './sql.ts';
import { stateSql } from './state.ts';

/** A script that, in one transaction, checks the lease and updates `vanished_records`. */
export function missingRecordsScript(
  datasets: Datasets,
  { lease, missing, evidence, returnedIds, now }: MissingNote,
): string {
  const table = missingRecordsTable(datasets);
  const { assertLeaseHeld, move } = stateSql(datasets);
  const entity = literal(lease.entity);
  const ids = [...missing.map(({ id }) => id), ...returnedIds].map((id) => literal(id));
  const rows = missing.map(
    ({ id, changedAt }) =>
      `(${entity}, ${literal(id)}, ${timestamp(changedAt)}, ${timestamp(now)}, ${literal(evidence)})`,
  );
  const insert = `INSERT INTO ${table} (entity, record_id, changed_at, found_at, evidence)
    VALUES ${rows.join(',\n      ')};`;
  return `
    BEGIN TRANSACTION;
    ${assertLeaseHeld(lease)}
    DELETE FROM ${table} WHERE entity = ${entity} AND record_id IN (${ids.join(', ')});
    ${rows.length > 0 ? insert : ''}
    ${move(lease, undefined, now)}
    COMMIT TRANSACTION;`;
}

export function missingRecordsTable(datasets: Datasets): string {
  return tableName(datasets, { dataset: 'logs', name: 'vanished_records' });
}
