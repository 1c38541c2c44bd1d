import type { Entity } from '../../../schemas/entities.ts';
import { isNewestVersion } from '../newest-version.ts';
import type { Dialect } from './dialect.ts';

/** Ids of the records whose newest version has an open field other than zero, without those missing at the source. */
export function openRecordIds({ literal, table }: Dialect, entity: Entity, field: string): string {
  const raw = table({ dataset: 'raw', name: `raw_${entity.name}` });
  const vanished = table({ dataset: 'logs', name: 'vanished_records' });
  return `
    select cast(${entity.key} as string) as id
    from (select ${entity.key}, ${field} from ${raw} where true qualify ${isNewestVersion(entity.key, entity.changeField)})
    where ${field} <> 0 and cast(${entity.key} as string) not in (
      select record_id from ${vanished} where entity = ${literal(entity.name)}
    )
    order by ${entity.key}`;
}
