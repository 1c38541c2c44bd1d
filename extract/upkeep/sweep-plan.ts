import { DAY_MS } from '../../base/calendar.ts';
import type { Entity } from '../../schemas/entities.ts';
import type { ApiClient, CallMetrics } from '../api/client.ts';
import { documentedQuery, takesParameters } from '../api/query-parameters.ts';
import type { Read } from '../api/read.ts';
import type { Config } from '../config.ts';
import { LARGEST_PAGE, type Window } from '../feeds/list.ts';
import { instantOf } from '../load/instant.ts';
import { type Range, storedRecords } from '../load/stored-records.ts';
import type { Query } from '../load/warehouse.ts';
import { readListPage } from '../pages/page.ts';
import { plainScan } from '../pages/scan.ts';

/** What a sweep of an entity compares, and how. `sweep --json` prints it: `here` is the warehouse, `there` the source. */
export interface SweepPlan {
  readonly entity: Entity;
  readonly range: Range;
  /** Whether counts can be compared: the list counts its records and shows deactivated ones too. */
  readonly isCounted: boolean;
  /** Records at the source, counted by the list; null if it does not count. */
  readonly there: number | null;
  /** Records in the warehouse. */
  readonly here: number;
  /** Records in the warehouse by the UTC day of their change. */
  readonly days: ReadonlyMap<string, number>;
  /** The most calls that the sweep will still make, if all differences are in one window. */
  readonly calls: number;
}

export interface SweepOptions {
  readonly config: Pick<Config, 'datasets' | 'syncStartDate'>;
  readonly client: ApiClient;
  readonly query: Query;
  readonly clock: () => Date;
  readonly signal: AbortSignal;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
  /** Compares every record, even if counts could be compared. */
  readonly byIds?: boolean | undefined;
}

/** ServiceTitan has no older records. */
const EARLIEST = new Date('2005-01-01T00:00:00Z');
/** A feed may not yet return records that changed less than this before a read began. */
const FEED_DELAY_MS = 15 * 60 * 1000;

/**
 * Plans the sweep of an entity. It counts the records at the source with one call.
 *
 * By default the range is what the feeds should have returned by now: from SYNC_START_DATE (dimensions: from the earliest
 * record) to a quarter of an hour before the last successful run began.
 *
 * @returns undefined if nothing is loaded yet, or if the range is empty.
 */
export async function planSweepOf(entity: Entity, options: SweepOptions): Promise<SweepPlan | undefined> {
  const { config, query } = options;
  const lastReadAt = await lastRead(entity, options);
  if (lastReadAt === undefined) return undefined;
  const start = entity.kind === 'fact' ? new Date(`${config.syncStartDate}T00:00:00Z`) : EARLIEST;
  const range = {
    from: options.since ?? start,
    before: options.until ?? new Date(lastReadAt.getTime() - FEED_DELAY_MS),
  };
  if (range.from >= range.before) return undefined;
  const days = await storedRecords({ entity, query, datasets: config.datasets }).days(range);
  const here = total(days.values());
  const there = await countAtSource(entity, range, sweepReader(entity, options));
  const isCounted =
    options.byIds !== true &&
    there !== null &&
    ['active', 'activeState'].some((name) => takesParameters(entity, entity.list, name));
  return { entity, range, isCounted, there, here, days, calls: callsLeft({ range, isCounted, there, here }) };
}

function callsLeft({
  range,
  isCounted,
  there,
  here,
}: Pick<SweepPlan, 'range' | 'isCounted' | 'there' | 'here'>): number {
  const pages = Math.ceil(Math.max(there ?? here, 1) / LARGEST_PAGE);
  if (!isCounted) return pages + 1;
  const parts = doublingParts(range).length;
  return there === here ? parts : parts + (pages === 1 ? 2 : 2 * parts + 2);
}

/** When the last successful run that read the feed began. */
async function lastRead({ name }: Entity, { query, config }: SweepOptions): Promise<Date | undefined> {
  const [run] = await query<{ started: string | null }>(
    `select cast(max(start_time) as string) as started from ${config.datasets.logs}.ingestion_logs
     where entity = '${name}' and status = 'success' and mode in ('incremental', 'full')`,
  );
  return run?.started ? instantOf(run.started) : undefined;
}

/** Reads an entity's API resources outside of a run. */
export function sweepReader(
  entity: Entity,
  { client, signal }: Pick<SweepOptions, 'client' | 'signal'>,
  metrics: CallMetrics = { calls: 0, retries: 0, bytes: 0 },
): Read {
  return (resource, query) => client.get({ entity, resource, query, metrics, signal, onRetry: () => {} });
}

/** Counts the records of a window at the source, with a call for one record; null if the list does not count. */
export async function countAtSource(
  entity: Entity,
  { from, before }: Window,
  read: Read,
): Promise<number | null> {
  const query = documentedQuery(entity, entity.list, {
    ...entity.listParameters,
    ...(from && { modifiedOnOrAfter: from.toISOString() }),
    ...(before && { modifiedBefore: before.toISOString() }),
    page: '1',
    pageSize: '1',
    includeTotal: 'true',
  });
  return readListPage(await read(entity.list, query), plainScan, { page: 1 }).totalCount;
}

/**
 * The windows whose records must be read, oldest first.
 *
 * If counts can be compared, they are compared in parts that double in length from the end of the range back. One count of
 * the whole range would hide a missed change: the record is in an old part in the warehouse and in a recent part at the
 * source. A part whose counts differ is halved, at midnights, until one page holds its records. If counts cannot be
 * compared, the whole range is read, about one page per window.
 */
export async function* windowsToRead(plan: SweepPlan, read: Read): AsyncGenerator<Range> {
  if (!plan.isCounted) return yield* windowsOfOnePage(plan);
  for (const part of doublingParts(plan.range)) {
    yield* differingWindows(plan, part, await countAtSource(plan.entity, part, read), read);
  }
}

/** Divides a range at UTC midnights: the last day, the two days before it, the four before those. Oldest first. */
export function doublingParts({ from, before }: Range): readonly Range[] {
  const parts: Range[] = [];
  let end = before;
  for (let days = 1; end > from; days *= 2) {
    const start = new Date(Math.floor((end.getTime() - 1) / DAY_MS) * DAY_MS - (days - 1) * DAY_MS);
    parts.unshift({ from: start > from ? start : from, before: end });
    end = start;
  }
  return parts;
}

async function* differingWindows(
  plan: SweepPlan,
  range: Range,
  there: number | null,
  read: Read,
): AsyncGenerator<Range> {
  const here = storedIn(plan.days, range);
  if (there === here) return;
  const middle = new Date(Math.floor((range.from.getTime() + range.before.getTime()) / 2 / DAY_MS) * DAY_MS);
  const canBeHalved = middle > range.from && middle < range.before;
  if (!canBeHalved || (there !== null && there <= LARGEST_PAGE)) return yield range;
  const [early, late] = [
    { from: range.from, before: middle },
    { from: middle, before: range.before },
  ];
  yield* differingWindows(plan, early, await countAtSource(plan.entity, early, read), read);
  yield* differingWindows(plan, late, await countAtSource(plan.entity, late, read), read);
}

function* windowsOfOnePage({ days, range }: SweepPlan): Generator<Range> {
  let from = range.from;
  let rows = 0;
  for (const [day, records] of [...days].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const start = new Date(`${day}T00:00:00Z`);
    if (rows > 0 && rows + records > LARGEST_PAGE && start > from) {
      yield { from, before: start };
      from = start;
      rows = 0;
    }
    rows += records;
  }
  yield { from, before: range.before };
}

function storedIn(days: ReadonlyMap<string, number>, { from, before }: Range): number {
  const [first, last] = [
    from.toISOString().slice(0, 10),
    new Date(before.getTime() - 1).toISOString().slice(0, 10),
  ];
  return total([...days].flatMap(([day, records]) => (day >= first && day <= last ? [records] : [])));
}

function total(numbers: Iterable<number>): number {
  let sum = 0;
  for (const number of numbers) sum += number;
  return sum;
}
