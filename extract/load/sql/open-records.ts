import type { Entity } from '../../../schemas/entities.ts';
import { isNewestVersion } from '../newest-version.ts';
import type { Dialect } from './dialect.ts';
import { changeOf, keyOf } from './key.ts';

/** Ids of the records whose newest version has an open field other than zero, without those missing at the source. */
export function openRecordIds({ literal, table }: Dialect, entity: Entity, field: string): string {
  const key = keyOf(entity);
  const raw = table({ dataset: 'raw', name: `raw_${entity.name}` });
  const vanished = table({ dataset: 'logs', name: 'vanished_records' });
  return `
    select cast(${key} as string) as id
    from (select ${key}, ${field} from ${raw} where true qualify ${isNewestVersion(key, changeOf(entity))})
    where ${field} <> 0 and cast(${key} as string) not in (
      select record_id from ${vanished} where entity = ${literal(entity.name)}
    )
    order by ${key}`;
}
