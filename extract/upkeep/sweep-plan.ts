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

/** What a sweep of an entity compares, and how. */
export interface SweepPlan {
  readonly entity: Entity;
  readonly range: Range;
  /** Whether the list shows what is held, deactivated records too, so that numbers can be compared. */
  readonly isCounted: boolean;
  /** Records there, as the list counts them; null where it does not. */
  readonly there: number | null;
  readonly here: number;
  /** Records here by UTC day of their change. */
  readonly days: ReadonlyMap<string, number>;
  /** Calls that are still to be made at most, if what differs lies together. */
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
  /** Reads every record, also where numbers can be compared. */
  readonly byIds?: boolean | undefined;
}

/** Nothing in the service is older. */
const BEGINNING = new Date('2005-01-01T00:00:00Z');
/** Feeds do not tell of what changed later than this before a read began. */
const QUIET_MS = 15 * 60 * 1000;

/**
 * Compares numbers with one call. Without other ends, what is compared is what feeds should have told by now: from
 * SYNC_START_DATE on, dimensions from the beginning, up to a quarter of an hour before the last good run began.
 *
 * @returns undefined where nothing is loaded yet.
 */
export async function planSweepOf(entity: Entity, options: SweepOptions): Promise<SweepPlan | undefined> {
  const { config, query } = options;
  const told = await lastRead(entity, options);
  if (told === undefined) return undefined;
  const start = entity.kind === 'fact' ? new Date(`${config.syncStartDate}T00:00:00Z`) : BEGINNING;
  const range = {
    from: options.since ?? start,
    before: options.until ?? new Date(told.getTime() - QUIET_MS),
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
  const parts = doubling(range).length;
  return there === here ? parts : parts + (pages === 1 ? 2 : 2 * parts + 2);
}

/** When the last run began that read the feed. */
async function lastRead({ name }: Entity, { query, config }: SweepOptions): Promise<Date | undefined> {
  const [run] = await query<{ started: string | null }>(
    `select cast(max(start_time) as string) as started from ${config.datasets.logs}.ingestion_logs
     where entity = '${name}' and status = 'success' and mode in ('incremental', 'full')`,
  );
  return run?.started ? instantOf(run.started) : undefined;
}

/** Reads addresses of an entity outside of a run. */
export function sweepReader(
  entity: Entity,
  { client, signal }: Pick<SweepOptions, 'client' | 'signal'>,
  metrics: CallMetrics = { calls: 0, retries: 0, bytes: 0 },
): Read {
  return (resource, query) => client.get({ entity, resource, query, metrics, signal, onRetry: () => {} });
}

/** Records of a window as the list counts them, by a call that brings at most one; null where it does not count. */
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
 * The windows whose records must be read, in order of time. Where numbers can be compared, the range is counted in parts that
 * double in length from its end back, for a record whose change was skipped stands in an old part here and in a late one
 * there; parts that differ are halved by days until one page holds them. Else it is the whole range, about a page at a time.
 */
export async function* windowsToRead(plan: SweepPlan, read: Read): AsyncGenerator<Range> {
  if (!plan.isCounted) return yield* portions(plan);
  for (const part of doubling(plan.range)) {
    yield* differing(plan, part, await countAtSource(plan.entity, part, read), read);
  }
}

/** The last day, the two days before it, the four before them, and so on; oldest first, cut at midnights of UTC. */
export function doubling({ from, before }: Range): readonly Range[] {
  const parts: Range[] = [];
  let end = before;
  for (let days = 1; end > from; days *= 2) {
    const start = new Date(Math.floor((end.getTime() - 1) / DAY_MS) * DAY_MS - (days - 1) * DAY_MS);
    parts.unshift({ from: start > from ? start : from, before: end });
    end = start;
  }
  return parts;
}

async function* differing(
  plan: SweepPlan,
  range: Range,
  there: number | null,
  read: Read,
): AsyncGenerator<Range> {
  const here = heldIn(plan.days, range);
  if (there === here) return;
  const middle = new Date(Math.floor((range.from.getTime() + range.before.getTime()) / 2 / DAY_MS) * DAY_MS);
  const canBeHalved = middle > range.from && middle < range.before;
  if (!canBeHalved || (there !== null && there <= LARGEST_PAGE)) return yield range;
  const [early, late] = [
    { from: range.from, before: middle },
    { from: middle, before: range.before },
  ];
  yield* differing(plan, early, await countAtSource(plan.entity, early, read), read);
  yield* differing(plan, late, await countAtSource(plan.entity, late, read), read);
}

function* portions({ days, range }: SweepPlan): Generator<Range> {
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

function heldIn(days: ReadonlyMap<string, number>, { from, before }: Range): number {
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
