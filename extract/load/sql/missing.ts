import type { MissingNote } from '../warehouse.ts';
import { type Dialect, timestamp } from './dialect.ts';

/** Adds to and takes from `vanished_records`, the records that are missing at the source. */
export function noteMissing(
  { literal, table }: Dialect,
  { lease, missing, evidence, returnedIds, now }: MissingNote,
): string[] {
  const vanished = table({ dataset: 'logs', name: 'vanished_records' });
  const entity = literal(lease.entity);
  const ids = [...missing.map(({ id }) => id), ...returnedIds].map((id) => literal(id));
  const rows = missing.map(
    ({ id, changedAt }) =>
      `(${entity}, ${literal(id)}, ${timestamp(changedAt)}, ${timestamp(now)}, ${literal(evidence)})`,
  );
  return [
    `delete from ${vanished} where entity = ${entity} and record_id in (${ids.join(', ')})`,
    ...(rows.length === 0
      ? []
      : [
          `insert into ${vanished} (entity, record_id, changed_at, found_at, evidence) values ${rows.join(', ')}`,
        ]),
  ];
}
