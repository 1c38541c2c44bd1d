import { columnsOf, dateTimeNames, type JsonSchema } from '../schemas/columns.ts';
import type { Entity } from '../schemas/entities.ts';
import { readSchema } from '../schemas/schema-files.ts';
import type { ApiClient, CallMetrics } from './api/client.ts';
import type { Read } from './api/read.ts';
import type { Config } from './config.ts';
import type { OnEvent } from './events.ts';
import { idPages } from './feeds/by-id.ts';
import { changedPages } from './feeds/changed.ts';
import { endlessFeedCheck } from './feeds/endless-feed.ts';
import { exportPages } from './feeds/export.ts';
import { listPages } from './feeds/list.ts';
import { openRecordPages } from './feeds/open-records.ts';
import type { ReadPlan } from './feeds/plan.ts';
import { assertUsualVolume } from './feeds/volume-alarm.ts';
import type { Landing } from './landing/landing.ts';
import {
  type BackfillWindow,
  type Cursor,
  type LandedPage,
  type Manifest,
  putManifest,
  schemaVersion,
} from './landing/manifest.ts';
import type { StoredRecords } from './load/stored-records.ts';
import { extractionStamps } from './pages/extraction-stamps.ts';
import { fastSchemaOf } from './pages/fast-schema.ts';
import { validatingScan } from './pages/fast-validate.ts';
import type { FeedPage } from './pages/feed-page.ts';
import { createPageWriter, type PageWriter } from './pages/page-writer.ts';
import type { PageScan } from './pages/scan.ts';

/** Which records of a page are landed; a sweep lands those that differ from the stored ones. */
export interface PageFilter {
  readonly filter: (page: FeedPage) => Promise<FeedPage>;
  /** Called after the last page, before the manifest is written. */
  readonly finish: () => Promise<void>;
}

/** One read of an entity: where it starts, and which records are read again by id. */
export interface EntityRead {
  readonly entity: Entity;
  readonly mode: Manifest['mode'];
  readonly plan: ReadPlan;
  /** Set for a backfill or a sweep: the cursor does not move, and no record is read again by id. */
  readonly window?: BackfillWindow | undefined;
  /** Set for a sweep. */
  readonly filter?: PageFilter | undefined;
  readonly cursor: Cursor;
  /** Records in the raw table, for the volume alarm. */
  readonly stored: Pick<StoredRecords, 'count'>;
  /** Records rejected in earlier runs; they may become valid without a new change instant. */
  readonly rejectedIds: readonly string[];
  /** Open records: their balance was not zero when they were last read. */
  readonly openIds: readonly string[];
  /** Records that are read again because it is their turn. */
  readonly rereadIds: readonly string[];
  /** The pages' `extracted_at` is later than this. */
  readonly after: Date | null;
}

/** What a read needs from its run. */
export interface ReadContext {
  readonly config: Pick<Config, 'runDate'>;
  readonly runId: string;
  readonly client: ApiClient;
  readonly landing: Landing;
  readonly metrics: CallMetrics;
  readonly clock: () => Date;
  readonly onEvent: OnEvent;
  /** Called with each page that is landed. */
  readonly onPage?: ((page: LandedPage) => void) | undefined;
  readonly signal: AbortSignal;
}

/** Reads an entity as planned, lands its pages one by one, and writes the manifest last. */
export async function extractToLanding(read: EntityRead, context: ReadContext): Promise<Manifest> {
  const { entity, window } = read;
  const startedAt = context.clock();
  const schema = readSchema(entity.name);
  const writer = createPageWriter({
    entity,
    columns: columnsOf(schema),
    runId: context.runId,
    landing: context.landing,
    stamps: extractionStamps(context.clock, read.after),
    rejectedIds: read.rejectedIds,
    ...(context.onPage && { onPage: context.onPage }),
  });
  const source: PageSource = {
    entity,
    read: readerOf(entity, context),
    scanPage: scanOf(entity, schema),
    now: startedAt,
    onSmallerPage: (rows) => context.onEvent({ type: 'smaller-page', entity: entity.name, rows }),
    onFilterIgnored: (parameters) =>
      context.onEvent({ type: 'filter-ignored', entity: entity.name, parameters }),
  };

  const feed = await landFeed(read, source, writer, context);
  await read.filter?.finish();
  const { rowsRead: rowsOfFeed, newestChangeMs } = writer.summary();
  if (window === undefined) {
    await checkVolume(read, feed, rowsOfFeed);
    await landRecordsReadAgain(read, source, writer);
  }

  const landed = writer.summary();
  reportFindings(entity, landed, context.onEvent);
  const manifest: Manifest = {
    entity: entity.name,
    run_id: context.runId,
    run_date: context.config.runDate,
    mode: read.mode,
    ...(window && { window }),
    feed: read.plan.feed,
    changed_from: feed.changedFrom?.toISOString() ?? null,
    schema_version: schemaVersion(entity.name),
    started_at: startedAt.toISOString(),
    ended_at: context.clock().toISOString(),
    pages: landed.pages,
    rejected: landed.rejected,
    unknown_fields: landed.unknownFields,
    drift: landed.drift,
    // The service counts only the feed, so records read again are added to its count.
    rows_source: feed.sourceRows === null ? null : feed.sourceRows + landed.rowsRead - rowsOfFeed,
    rows_read: landed.rowsRead,
    api_calls: context.metrics.calls,
    retries: context.metrics.retries,
    bytes: context.metrics.bytes,
    cursor_before: read.cursor,
    cursor_after: window
      ? read.cursor
      : {
          continuation_token: feed.token,
          watermark: watermarkAfter(read.cursor.watermark, newestChangeMs, startedAt),
        },
  };
  await putManifest(context.landing, manifest);
  return manifest;
}

/** How an entity's pages are requested and scanned. */
interface PageSource {
  readonly entity: Entity;
  readonly read: Read;
  readonly scanPage: PageScan;
  readonly now: Date;
  readonly onSmallerPage: (rows: number) => void;
  readonly onFilterIgnored: (parameters: string) => void;
}

function readerOf(entity: Entity, { client, metrics, onEvent, signal }: ReadContext): Read {
  const onRetry = (retry: { delayMs: number; reason: string }) =>
    onEvent({ type: 'retry', entity: entity.name, ...retry });
  return (resource, query) => client.get({ entity, resource, query, metrics, signal, onRetry });
}

/** One pass over a page that finds its records and validates those in compact JSON. */
function scanOf({ changeField }: Entity, schema: JsonSchema): PageScan {
  const dateTimeKeys = dateTimeNames(columnsOf(schema));
  return validatingScan(fastSchemaOf(schema, { dateTimeKeys, changeField }), dateTimeKeys);
}

interface FeedEnd {
  /** The continuation token for the next run. */
  readonly token: string | null;
  /** Records changed before this were not requested. */
  readonly changedFrom: Date | undefined;
  /** The service's count of rows; null if it gives none. */
  readonly sourceRows: number | null;
  /** The service refused the stored token, so the feed was read again from a date. */
  readonly isTokenStale: boolean;
}

/** Lands the feed page by page to its end, or to the end of the backfill window. */
async function landFeed(
  { entity, mode, plan, window, filter, cursor, stored }: EntityRead,
  source: PageSource,
  writer: PageWriter,
  { metrics, onEvent }: ReadContext,
): Promise<FeedEnd> {
  let token = cursor.continuation_token;
  let changedFrom: Date | undefined;
  let sourceRows: number | null = null;
  let isTokenStale = false;
  const onStaleToken = ({ date }: { readonly date?: Date | undefined }) => {
    isTokenStale = true;
    onEvent({ type: 'stale-token', entity: entity.name, from: date?.toISOString() ?? null });
  };
  const endless = endlessFeedCheck({
    entity: entity.name,
    isIncremental: mode === 'incremental' && cursor.watermark !== null,
    countKnown: () => stored.count(undefined),
  });
  const feedPages =
    plan.feed === 'export'
      ? exportPages({
          ...{ ...source, ...plan, onStaleToken },
          isPart: plan.before !== undefined,
          check: endless.page,
        })
      : // A backfill or a sweep asks for a part; a list that sends all of it must not be taken for the part.
        window
        ? listPages({ ...source, ...plan })
        : changedPages({ ...source, window: plan.window });

  for await (const feedPage of feedPages) {
    // An export feed's pages were checked before the next one was asked for.
    if (plan.feed === 'list') endless.page(feedPage.page);
    changedFrom ??= feedPage.changedFrom;
    token = feedPage.continueFrom ?? token;
    if (feedPage.sourceRows !== undefined && !filter) sourceRows = (sourceRows ?? 0) + feedPage.sourceRows;
    const { oldestChangeMs } = filter
      ? // Earlier runs logged a sweep's rejected records, and part of a page cannot prove that a field is missing.
        await writer.write(await filter.filter(feedPage), 'reread')
      : await writer.write(feedPage, 'feed');

    const { pages, rowsRead, newestChangeMs } = writer.summary();
    await endless.rows(rowsRead);
    const fraction = window
      ? progressFraction(window.since, newestChangeMs, new Date(window.until))
      : progressFraction(cursor.watermark ?? changedFrom, newestChangeMs, source.now);
    onEvent({
      type: 'page',
      entity: entity.name,
      pages: pages.length,
      rows: rowsRead,
      bytes: metrics.bytes,
      ...(fraction !== undefined && { fraction }),
    });
    if (plan.feed === 'export' && plan.before && (oldestChangeMs ?? 0) >= plan.before.getTime()) break;
  }
  return { token, changedFrom, sourceRows, isTokenStale };
}

/** Compares the rows of a read with the stored records. A feed behind a token holds only changes and is not compared. */
async function checkVolume({ entity, plan, stored }: EntityRead, feed: FeedEnd, rows: number): Promise<void> {
  const continuesToken = plan.feed === 'export' && plan.start.token !== undefined && !feed.isTokenStale;
  if (continuesToken) return;
  const known = await stored.count(feed.changedFrom);
  assertUsualVolume({ entity: entity.name, from: feed.changedFrom, found: rows, known });
}

/** Lands the present state of open and rejected records: they may change without a new change instant. */
async function landRecordsReadAgain(
  { openIds, rejectedIds, rereadIds }: EntityRead,
  source: PageSource,
  writer: PageWriter,
): Promise<void> {
  for await (const feedPage of openRecordPages({ ...source, openIds }))
    await writer.write(feedPage, 'reread');
  for (const ids of [rejectedIds, rereadIds])
    for await (const feedPage of idPages({ ...source, ids })) await writer.write(feedPage, 'reread');
}

function reportFindings(
  entity: Entity,
  { unknownFields, rowsRejected, reasons }: ReturnType<PageWriter['summary']>,
  onEvent: OnEvent,
): void {
  if (Object.keys(unknownFields).length > 0) {
    onEvent({ type: 'unknown-fields', entity: entity.name, fields: unknownFields });
  }
  if (rowsRejected > 0) onEvent({ type: 'rejected', entity: entity.name, rows: rowsRejected, reasons });
}

/**
 * The newest change instant read so far. An instant after the run's start comes from a wrong clock and is capped:
 * otherwise the next run would skip the changes before it.
 */
function watermarkAfter(before: string | null, newestMs: number | undefined, startedAt: Date): string | null {
  if (newestMs === undefined) return before;
  const readUpTo = Math.min(newestMs, startedAt.getTime());
  return new Date(Math.max(readUpTo, before === null ? 0 : Date.parse(before))).toISOString();
}

/** Progress from `from` to `until`, 0 to 1; feeds are usually in the order of change. */
function progressFraction(
  from: string | Date | undefined,
  newestMs: number | undefined,
  until: Date,
): number | undefined {
  if (from === undefined || newestMs === undefined) return undefined;
  const start = new Date(from).getTime();
  return Math.min(1, Math.max(0, (newestMs - start) / (until.getTime() - start)));
}
