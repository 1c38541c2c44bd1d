import type { Entity } from '../../schemas/entities.ts';
import type { ApiClient, CallMetrics } from '../api/client.ts';
import { hidesDeactivated } from '../api/query-parameters.ts';
import type { Read } from '../api/read.ts';
import type { Config } from '../config.ts';
import { LARGEST_PAGE } from '../feeds/list.ts';
import { isListed, listVariants, readList, type Window } from '../feeds/list-query.ts';
import { instantOf } from '../load/instant.ts';
import { type Range, storedRecords } from '../load/stored-records.ts';
import type { Query } from '../load/warehouse.ts';
import { plainScan } from '../pages/scan.ts';

/** What a sweep of an entity reads. `sweep --json` prints it: `here` is the warehouse, `there` the source. */
export interface SweepPlan {
  readonly entity: Entity;
  readonly range: Range;
  /** Instants that divide the range into windows of about one page, in order. */
  readonly cuts: readonly Date[];
  /** Records at the source, counted by the list; null if it does not count. */
  readonly there: number | null;
  /** Stored records that the list should show. */
  readonly here: number;
  /** Calls that the sweep will make: one for each page. Each record that is not in the list costs a look-up besides. */
  readonly calls: number;
}

export interface SweepOptions {
  readonly config: Pick<Config, 'datasets' | 'syncStartDate'>;
  readonly client: ApiClient;
  readonly query: Query;
  readonly signal: AbortSignal;
  readonly since?: Date | undefined;
  readonly until?: Date | undefined;
}

/** ServiceTitan has no older records. */
const EARLIEST = new Date('2005-01-01T00:00:00Z');
/** A feed may not yet return records that changed less than this before a read began. */
const FEED_DELAY_MS = 15 * 60 * 1000;
/** A window's page has room for some records that the warehouse lacks; a window beyond one page costs three calls. */
const ROOM = 100;

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
  const stored = storedRecords({ entity, query, datasets: config.datasets });
  const perWindow = (entity.largestPage ?? LARGEST_PAGE) - ROOM;
  const parts = await stored.parts(range, perWindow, hidesDeactivated(entity));
  const starts = parts.slice(1).map(({ from }) => from.getTime());
  const cuts = [...new Set(starts)].filter((ms) => ms > range.from.getTime()).map((ms) => new Date(ms));
  const there = await countAtSource(entity, range, sweepReader(entity, options));
  return {
    ...{ entity, range, cuts, there },
    here: parts.reduce((sum, { records }) => sum + records, 0),
    calls: Math.max(cuts.length + 1, Math.ceil((there ?? 0) / (entity.largestPage ?? LARGEST_PAGE))),
  };
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
export async function countAtSource(entity: Entity, window: Window, read: Read): Promise<number | null> {
  if (!isListed(entity)) return null;
  let total = 0;
  for (const variant of listVariants(entity)) {
    const { totalCount } = await readList(variant, read, plainScan, { page: 1, pageSize: 1, window });
    if (totalCount === null) return null;
    total += totalCount;
  }
  return total;
}
