import { columnsOf, readSchema } from '../../schemas/columns.ts';
import type { Entity } from '../../schemas/entities.ts';
import type { Config } from '../config.ts';
import { isNewestVersion } from './newest-version.ts';
import type { Query } from './warehouse.ts';

/** Reads the newest version of each record in an entity's raw table. */
export interface StoredRecords {
  /** Counts the records of a range by the UTC day of their change, without those noted as missing at the source. */
  days(range: Range): Promise<ReadonlyMap<string, number>>;
  /** Stored records that changed in a range, by id. */
  changedIn(range: Range): Promise<ReadonlyMap<string, StoredRecord>>;
  /** Stored records with these ids, by id. */
  withIds(ids: readonly string[]): Promise<ReadonlyMap<string, StoredRecord>>;
  /** Counts the records that changed at or after an instant, or all, without those noted as missing at the source. */
  count(from: Date | undefined): Promise<number>;
}

export interface StoredRecord {
  /** Change instant in the format of `sortableInstant`; empty if the record has none. */
  readonly changed: string;
  readonly isActive: boolean;
}

/** Change instants at or after `from` and before `before`. */
export interface Range {
  readonly from: Date;
  readonly before: Date;
}

const IDS_PER_QUERY = 1000;

export function storedRecords(options: {
  readonly entity: Entity;
  readonly query: Query;
  readonly datasets: Config['datasets'];
}): StoredRecords {
  const { entity, query, datasets } = options;
  const { key, changeField } = entity;
  const raw = `${datasets.raw}.raw_${entity.name}`;
  const hasActive = columnsOf(readSchema(entity.name)).some(({ name }) => name === 'active');
  const newest = `(
    select ${key}, ${changeField}, ${hasActive ? 'active' : 'true as active'} from ${raw}
    where true
    qualify ${isNewestVersion(key, changeField)}
  ) as newest`;
  const notMissing = `cast(${key} as string) not in (
    select record_id from ${datasets.logs}.vanished_records where entity = '${entity.name}'
  )`;
  const within = ({ from, before }: Range) =>
    `${changeField} >= timestamp '${from.toISOString()}' and ${changeField} < timestamp '${before.toISOString()}'`;
  const records = async (condition: string): Promise<ReadonlyMap<string, StoredRecord>> => {
    const found = await query<{ id: string; changed: string | null; active: boolean | null }>(
      `select cast(${key} as string) as id, cast(${changeField} as string) as changed, active
       from ${newest} where ${condition}`,
    );
    return new Map(
      found.map(({ id, changed, active }) => [
        id,
        { changed: changed === null ? '' : sortableInstant(changed), isActive: active !== false },
      ]),
    );
  };
  return {
    async days(range) {
      const found = await query<{ day: string; records: string }>(
        `select cast(cast(${changeField} as date) as string) as day, cast(count(*) as string) as records
         from ${newest} where ${within(range)} and ${notMissing} group by 1`,
      );
      return new Map(found.map(({ day, records: count }) => [day, Number(count)]));
    },
    changedIn: (range) => records(within(range)),
    async withIds(ids) {
      const stored = new Map<string, StoredRecord>();
      for (let at = 0; at < ids.length; at += IDS_PER_QUERY) {
        const list = ids.slice(at, at + IDS_PER_QUERY).filter((id) => /^-?\d+$/.test(id));
        if (list.length === 0) continue;
        for (const [id, record] of await records(`${key} in (${list.join(', ')})`)) stored.set(id, record);
      }
      return stored;
    },
    async count(from) {
      const since = from === undefined ? 'true' : `${changeField} >= timestamp '${from.toISOString()}'`;
      const [found] = await query<{ records: string }>(
        `select cast(count(distinct ${key}) as string) as records from ${raw}
         where ${since} and ${notMissing}`,
      );
      return Number(found?.records ?? 0);
    },
  };
}

/** An instant of the API or of a warehouse, in UTC, as text with microseconds. As text it sorts by time. */
export function sortableInstant(instant: string): string {
  const [, day = '', time = '', fraction = ''] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?/.exec(instant) ?? [];
  return `${day}T${time}.${fraction.padEnd(6, '0').slice(0, 6)}`;
}
