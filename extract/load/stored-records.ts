import { columnsOf } from '../../schemas/columns.ts';
import type { Entity } from '../../schemas/entities.ts';
import { readSchema } from '../../schemas/schema-files.ts';
import type { Config } from '../config.ts';
import { isNewestVersion } from './newest-version.ts';
import { changeOf, identityColumns, keyOf } from './sql/key.ts';
import type { Query } from './warehouse.ts';

/** Reads the newest version of each record in an entity's raw table. */
export interface StoredRecords {
  /**
   * Divides the records of a range by their change instants into parts of `size` records, the last one smaller. Records
   * noted as missing at the source do not count, nor do deactivated ones if `isActiveOnly`.
   */
  parts(range: Range, size: number, isActiveOnly: boolean): Promise<readonly StoredPart[]>;
  /** Stored records that changed in a range, by id. */
  changedIn(range: Range): Promise<ReadonlyMap<string, StoredRecord>>;
  /** Stored records with these ids, by id. */
  withIds(ids: readonly string[]): Promise<ReadonlyMap<string, StoredRecord>>;
  /** Counts the records that changed at or after an instant, or all, without those noted as missing at the source. */
  count(from: Date | undefined): Promise<number>;
  /** A part of all ids in their order, without those noted as missing at the source. */
  keys(part: { readonly limit: number; readonly offset: number }): Promise<readonly string[]>;
}

export interface StoredPart {
  /** Change instant of its first record, cut to milliseconds. */
  readonly from: Date;
  readonly records: number;
}

export interface StoredRecord {
  readonly hash: string;
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
  const [key, changed] = [keyOf(entity), changeOf(entity)];
  const raw = `${datasets.raw}.raw_${entity.name}`;
  const columns = columnsOf(readSchema(entity.name));
  const hasActive = columns.some(({ name }) => name === 'active');
  const newest = (condition: string) => `(
    select ${identityColumns(entity).join(', ')}, _row_hash, ${hasActive ? 'active' : 'true as active'} from ${raw}
    where ${condition}
    qualify ${isNewestVersion(key, changed)}
  ) as newest`;
  const notMissing = `cast(${key} as string) not in (
    select record_id from ${datasets.logs}.vanished_records where entity = '${entity.name}'
  )`;
  // Records without a change instant are in every range: their list is read whole.
  const within = ({ from, before }: Range) =>
    entity.changeField === undefined
      ? 'true'
      : `${changed} >= timestamp '${from.toISOString()}' and ${changed} < timestamp '${before.toISOString()}'`;
  /** Only the versions of records that have one in the range are put in order. */
  const newestIn = (range: Range) =>
    `${newest(`${key} in (select ${key} from ${raw} where ${within(range)})`)} where ${within(range)}`;
  const records = async (relation: string): Promise<ReadonlyMap<string, StoredRecord>> => {
    const found = await query<{
      id: string;
      changed: string | null;
      _row_hash: string;
      active: boolean | null;
    }>(
      `select cast(${key} as string) as id, cast(${changed} as string) as changed, _row_hash, active
       from ${relation}`,
    );
    return new Map(
      found.map(({ id, changed: at, _row_hash: hash, active }) => [
        id,
        { hash, changed: at === null ? '' : sortableInstant(at), isActive: active !== false },
      ]),
    );
  };
  const [keyColumn, ...others] = columns.filter(({ name }) => entity.key.includes(name));
  const literalOf = others.length === 0 && keyColumn?.type === 'INT64' ? int64Literal : textLiteral;
  return {
    async parts(range, size, isActiveOnly) {
      const found = await query<{ since: string | null; records: string }>(
        `select cast(min(changed) as string) as since, cast(count(*) as string) as records
         from (
           select
             ${changed} as changed,
             ${entity.changeField === undefined ? '0' : `cast(floor((row_number() over (order by ${changed}) - 1) / ${size}) as int64)`} as part
           from ${newestIn(range)} and ${notMissing} ${isActiveOnly ? 'and coalesce(active, true)' : ''}
         ) as numbered
         group by part
         order by min(changed)`,
      );
      return found.map(({ since, records: count }) => ({
        from: since === null ? range.from : new Date(`${sortableInstant(since).slice(0, 23)}Z`),
        records: Number(count),
      }));
    },
    changedIn: (range) => records(newestIn(range)),
    async withIds(ids) {
      const stored = new Map<string, StoredRecord>();
      for (let at = 0; at < ids.length; at += IDS_PER_QUERY) {
        const list = ids.slice(at, at + IDS_PER_QUERY).flatMap(literalOf);
        if (list.length === 0) continue;
        const found = await records(newest(`${key} in (${list.join(', ')})`));
        for (const [id, record] of found) stored.set(id, record);
      }
      return stored;
    },
    async keys({ limit, offset }) {
      const found = await query<{ id: string }>(
        `select cast(${key} as string) as id
         from (select distinct ${key} from ${raw} where ${key} is not null and ${notMissing})
         order by ${key} limit ${limit} offset ${offset}`,
      );
      return found.map(({ id }) => id);
    },
    async count(from) {
      const since =
        from === undefined || entity.changeField === undefined
          ? 'true'
          : `${changed} >= timestamp '${from.toISOString()}'`;
      const [found] = await query<{ records: string }>(
        `select cast(count(distinct ${key}) as string) as records from ${raw}
         where ${since} and ${notMissing}`,
      );
      return Number(found?.records ?? 0);
    },
  };
}

/** No other key can be stored, and BigQuery refuses a literal of another one. */
function int64Literal(id: string): readonly string[] {
  return /^-?\d+$/.test(id) && BigInt.asIntN(64, BigInt(id)) === BigInt(id) ? [id] : [];
}

/** Keys with other characters are not looked up; a sweep then lands their records, and the load sees that they are known. */
function textLiteral(id: string): readonly string[] {
  return /^[\w/ .:@+-]{1,200}$/.test(id) ? [`'${id}'`] : [];
}

/** An instant of the API or of a warehouse, in UTC, as text with microseconds. As text it sorts by time. */
export function sortableInstant(instant: string): string {
  const [, day = '', time = '', fraction = ''] =
    /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d)(?:\.(\d+))?/.exec(instant) ?? [];
  return `${day}T${time}.${fraction.padEnd(6, '0').slice(0, 6)}`;
}
