import type { Entity } from '../../../schemas/entities.ts';
import type { Dialect } from './dialect.ts';
import { keyOf } from './key.ts';

/** The SQL of `rejected_records`: records that broke their schema, until they arrive valid. */
export function rejectedSql({ literal, table }: Dialect) {
  const rejected = table({ dataset: 'logs', name: 'rejected_records' });
  const columns = 'entity, run_id, record_id, record, errors, rejected_at';
  return {
    ids: (entities: readonly string[]) =>
      `select distinct entity, record_id as id from ${rejected}
       where entity in (${entities.map(literal).join(', ')}) and record_id is not null order by id`,

    /**
     * Replaces what the table has of an entity.
     *
     * @param runId of the run whose records are replaced; undefined for all runs
     * @param rows a relation with the table's columns
     */
    replace: (entity: string, runId: string | undefined, rows: string | undefined) => [
      `delete from ${rejected} where entity = ${literal(entity)}${runId === undefined ? '' : ` and run_id = ${literal(runId)}`}`,
      ...(rows === undefined
        ? []
        : [`insert into ${rejected} (${columns}) select ${columns} from ${rows} as r`]),
    ],
  };
}

/**
 * Deletes what the rejected and the missing records hold of records that are among the loaded rows and were received
 * later: they are valid, or there, again.
 */
export function clearResolved(
  { literal, table }: Dialect,
  entity: string,
  { key }: Pick<Entity, 'key'>,
  identities: string,
): string[] {
  const noted = [
    ['rejected_records', 'rejected_at'],
    ['vanished_records', 'found_at'],
  ] as const;
  return noted.map(
    ([name, notedAt]) =>
      `delete from ${table({ dataset: 'logs', name })} as noted
       where noted.entity = ${literal(entity)} and exists (
         select 1 from ${identities} as seen
         where cast(${keyOf({ key }, 'seen')} as string) = noted.record_id and seen._extracted_at > noted.${notedAt}
       )`,
  );
}
