import { DAY_MS } from '../../base/calendar.ts';
import { UsageError } from '../../base/errors.ts';
import type { Entity } from '../../schemas/entities.ts';
import type { ApiClient } from '../api/client.ts';
import { hidesDeactivated } from '../api/query-parameters.ts';
import type { Read } from '../api/read.ts';
import type { Config } from '../config.ts';
import { LARGEST_PAGE } from '../feeds/list.ts';
import { isListed, readList, takesWindow } from '../feeds/list-query.ts';
import type { BackfillWindow } from '../landing/manifest.ts';
import { instantOf } from '../load/instant.ts';
import type { Query } from '../load/warehouse.ts';
import { plainScan } from '../pages/scan.ts';

/** What a backfill would read and cost. A figure that cannot be known beforehand is null. */
export interface BackfillPlan {
  readonly entity: string;
  readonly feed: 'export' | 'list';
  /** ISO instants. Records that changed at or after `since` and before `until` are read again. */
  readonly since: string;
  readonly until: string;
  /** Whether an earlier backfill of the same range stopped. `windows` then holds only what it left. */
  readonly goesOn: boolean;
  readonly windows: readonly BackfillWindow[];
  /** Records in the range, counted by the list endpoint. */
  readonly rows: number | null;
  /** Whether the list endpoint leaves out deactivated records, so that there may be more. */
  readonly rowsAtLeast: boolean;
  readonly calls: number | null;
  /** Size of the answers. Landed pages take a fourteenth of it. */
  readonly bytes: number | null;
  /** At the configured rate, or at the speed of the largest run so far if that is slower. */
  readonly seconds: number | null;
  /** At US list prices; 0 if landing and warehouse are on this machine. */
  readonly dollars: number | null;
}

export interface BackfillPlanOptions {
  readonly entity: Entity;
  readonly since: Date;
  readonly until: Date;
  readonly config: Pick<Config, 'datasets' | 'rateLimitPerSecond' | 'warehouse' | 'landing'>;
  readonly client: ApiClient;
  readonly query: Query;
  readonly clock: () => Date;
  readonly signal: AbortSignal;
}

/** A killed backfill loses at most one window. */
const ROWS_PER_WINDOW = 50_000;
const DAYS_PER_UNCOUNTED_WINDOW = 30;

/**
 * Plans a backfill with one call, which counts the records.
 *
 * An unfinished backfill of the same range is resumed.
 */
export async function planBackfill(options: BackfillPlanOptions): Promise<BackfillPlan> {
  const { entity, config } = options;
  if (entity.export === undefined && !takesWindow(entity)) throw isReadWhole(entity.name);
  const [since, until] = [options.since.toISOString(), options.until.toISOString()];
  const resumeAt = await resumePoint(options, since, until);
  const from = resumeAt ?? options.since;
  const [{ rows, secondsPerCall }, largest] = [await count(options, from), await largestRun(options)];
  const windows = windowsOf({ from, until: options.until, rows }).map((bounds) => ({
    ...bounds,
    since,
    until,
  }));
  const feed = entity.export === undefined ? 'list' : 'export';
  const rowsPerPage = feed === 'list' ? LARGEST_PAGE : largest?.rowsPerPage;
  const calls =
    rows === null || rowsPerPage === undefined
      ? null
      : windows.length * callsPerWindow(feed, rows / windows.length, rowsPerPage);
  const bytes = rows === null || largest === undefined ? null : Math.round(rows * largest.bytesPerRow);
  const secondsEach = Math.max(1 / config.rateLimitPerSecond, largest?.secondsPerCall ?? secondsPerCall);
  return {
    entity: entity.name,
    feed,
    since,
    until,
    goesOn: resumeAt !== undefined,
    windows,
    rows,
    rowsAtLeast: hidesDeactivated(entity),
    calls,
    bytes,
    seconds: calls === null ? null : calls * secondsEach,
    dollars: dollarsOf(config, { calls, bytes, windows: windows.length }),
  };
}

function isReadWhole(name: string): UsageError {
  return new UsageError(
    [`${name} has no range to read again: its list cannot be asked for one, and every run reads it whole`],
    `Run \`npm run extract -- ${name}\`.`,
  );
}

/** Where the last backfill of this range stopped. Undefined if it was complete, or if there was none. */
async function resumePoint(
  { entity, config, query }: BackfillPlanOptions,
  since: string,
  until: string,
): Promise<Date | undefined> {
  const [last] = await query<{ window_before: string }>(
    `select cast(window_before as string) as window_before
     from ${config.datasets.logs}.ingestion_logs
     where entity = '${entity.name}' and mode = 'backfill' and status = 'success'
       and backfill_since = timestamp '${since}' and backfill_until = timestamp '${until}'
     order by start_time desc limit 1`,
  );
  const reached = last && instantOf(last.window_before);
  return reached && reached.toISOString() < until ? reached : undefined;
}

/**
 * Asks the list endpoint for one record of the range and for the number of records.
 *
 * `rows` is null if the record is outside the range: the endpoint ignored the filter, so its count is of no use.
 */
async function count(
  { entity, until, client, clock, signal }: BackfillPlanOptions,
  from: Date,
): Promise<{ rows: number | null; secondsPerCall: number }> {
  const started = clock().getTime();
  // A feed without such a list is read without a count.
  if (!isListed(entity) || !takesWindow(entity)) return { rows: null, secondsPerCall: 0 };
  const metrics = { calls: 0, retries: 0, bytes: 0 };
  const read: Read = (resource, query) =>
    client.get({ entity, resource, query, metrics, signal, onRetry: () => {} });
  const request = { page: 1, pageSize: 1, window: { from, before: until } };
  const { bytes, scan, totalCount } = await readList(entity, read, plainScan, request);
  const secondsPerCall = Math.max(0, clock().getTime() - started) / 1000;
  if (totalCount === 0 || scan.starts.length === 0) return { rows: totalCount, secondsPerCall };
  const record: unknown = JSON.parse(bytes.toString('utf8', scan.starts[0], scan.ends[0]));
  const changed = Date.parse(String(Object(record)[entity.changeField ?? '']));
  const isInRange = changed >= from.getTime() && changed < until.getTime();
  return { rows: isInRange ? totalCount : null, secondsPerCall };
}

/** Page and record sizes of the entity's run with the most rows. */
async function largestRun({ entity, config, query }: BackfillPlanOptions) {
  const [run] = await query<Record<'rows_read' | 'bytes' | 'pages' | 'calls' | 'started' | 'ended', string>>(
    `select records_read as rows_read, bytes, pages, api_calls as calls,
       cast(start_time as string) as started, cast(end_time as string) as ended
     from ${config.datasets.logs}.ingestion_logs
     where entity = '${entity.name}' and mode <> 'replay' and status = 'success' and pages > 0 and api_calls > 0
     order by records_read desc, start_time desc limit 1`,
  );
  if (!run) return undefined;
  const seconds = (instantOf(run.ended).getTime() - instantOf(run.started).getTime()) / 1000;
  return {
    rowsPerPage: Number(run.rows_read) / Number(run.pages),
    bytesPerRow: Number(run.bytes) / Number(run.rows_read),
    secondsPerCall: seconds / Number(run.calls),
  };
}

/**
 * Divides a range into equal windows of whole days.
 *
 * A window has about 50,000 records, or 30 days if the records are not counted.
 */
export function windowsOf(range: {
  readonly from: Date;
  readonly until: Date;
  readonly rows: number | null;
}): readonly Pick<BackfillWindow, 'from' | 'before'>[] {
  const [start, end] = [range.from.getTime(), range.until.getTime()];
  const days = Math.ceil((end - start) / DAY_MS);
  const wanted = range.rows === null ? days / DAYS_PER_UNCOUNTED_WINDOW : range.rows / ROWS_PER_WINDOW;
  const stepMs = Math.ceil(days / Math.min(days, Math.max(1, Math.ceil(wanted)))) * DAY_MS;
  const windows = [];
  for (let at = start; at < end; at += stepMs) {
    const [from, before] = [new Date(at), new Date(Math.min(at + stepMs, end))];
    windows.push({ from: from.toISOString(), before: before.toISOString() });
  }
  return windows;
}

/**
 * Calls that one window takes. An export feed takes one call beyond its last page.
 *
 * A list window is halved until each part fits a page, and each attempt is a call.
 */
function callsPerWindow(feed: BackfillPlan['feed'], rows: number, rowsPerPage: number): number {
  if (feed === 'export') return Math.ceil(rows / rowsPerPage) + 1;
  return 2 * 2 ** Math.ceil(Math.log2(Math.max(1, rows / rowsPerPage))) - 1;
}

/** Prices of docs/runbook.md: objects, a month of storage, and at least 10 MiB for each table of a query. */
function dollarsOf(
  { warehouse, landing }: BackfillPlanOptions['config'],
  { calls, bytes, windows }: { calls: number | null; bytes: number | null; windows: number },
): number | null {
  const isBigquery = warehouse.kind === 'bigquery';
  const isBucket = landing.kind === 'gcs';
  if (!isBigquery && !isBucket) return 0;
  if (calls === null || bytes === null) return null;
  const objects = isBucket ? ((calls + windows) / 1000) * 0.01 + (bytes / 14 / 1e9) * 0.026 : 0;
  const queried = isBigquery ? (windows * Math.max(3 * 10 * 2 ** 20, bytes / windows) * 6.25) / 2 ** 40 : 0;
  return objects + queried;
}
