import { columnsOf, dateTimeNames, type JsonSchema, readSchema } from '../schemas/columns.ts';
import type { Entity } from '../schemas/entities.ts';
import type { ApiClient, Tally } from './api/client.ts';
import type { Config } from './config.ts';
import type { OnEvent } from './events.ts';
import { idPages } from './feeds/by-id.ts';
import { type ExportStart, exportPages } from './feeds/export.ts';
import type { FeedPage, Read } from './feeds/feed.ts';
import { listPages } from './feeds/list.ts';
import { standingPages } from './feeds/open-records.ts';
import type { Plan } from './feeds/plan.ts';
import { assertUsualVolume } from './feeds/volume-alarm.ts';
import type { Landing } from './landing/landing.ts';
import {
  type BackfillWindow,
  type Cursor,
  type Manifest,
  putManifest,
  schemaVersion,
} from './landing/manifest.ts';
import type { HeldRecords } from './load/stored-records.ts';
import { shapeOf } from './pages/fast-schema.ts';
import { checkedScan } from './pages/fast-validate.ts';
import { createPageWriter } from './pages/page-writer.ts';
import type { PageScan } from './pages/scan.ts';

/** What a sweep does with a window. */
export interface Sifting {
  /** The page with those of its records that are to be landed. */
  readonly pick: (page: FeedPage) => Promise<FeedPage>;
  /** Called when every page is read, before they count. */
  readonly settle: () => Promise<void>;
}

export interface LandOptions {
  readonly entity: Entity;
  readonly runId: string;
  readonly mode: Manifest['mode'];
  readonly plan: Plan;
  /** Of a backfill or a sweep: the cursor stays, and no record is asked for by itself. */
  readonly window?: BackfillWindow | undefined;
  /** Of a sweep alone. */
  readonly sifting?: Sifting | undefined;
  /** Records that are held from since an instant. */
  readonly held: Pick<HeldRecords, 'count'>;
  readonly config: Pick<Config, 'runDate'>;
  readonly cursor: Cursor;
  /** Records that broke their schema in earlier runs; they may have become right without a change. */
  readonly rejectedIds: readonly string[];
  /** Records whose standing field was not zero when they were read last. */
  readonly standingIds: readonly string[];
  /** Pages are stamped later than this. */
  readonly after: Date | null;
  readonly client: ApiClient;
  readonly landing: Landing;
  readonly tally: Tally;
  readonly clock: () => Date;
  readonly onEvent: OnEvent;
  readonly signal: AbortSignal;
}

/** Reads an entity as planned, lands its pages one by one, and seals them with a manifest. */
export async function landEntity(options: LandOptions): Promise<Manifest> {
  const { entity, runId, mode, plan, window, sifting, config, cursor, landing, tally, clock, onEvent } =
    options;
  const startedAt = clock();
  const read = readerOf(options);
  const schema = readSchema(entity.name);
  const scanPage = scanOf(entity, schema);
  const writer = createPageWriter({
    ...options,
    fields: Object.keys(schema.properties ?? {}),
    stamp: extractionStamps(clock, options.after),
  });
  let changedFrom: Date | undefined;
  let isTokenLost = false;
  const onStaleToken = ({ date }: ExportStart) => {
    isTokenLost = true;
    onEvent({ type: 'stale-token', entity: entity.name, from: date?.toISOString() ?? null });
  };
  let token = cursor.continuation_token;
  let source: number | null = null;

  for await (const feedPage of feedPages(plan, { entity, read, scanPage, now: startedAt, onStaleToken })) {
    changedFrom ??= feedPage.changedFrom;
    const { oldestChangeMs } = await (sifting
      ? // Known as rejected is known enough, and a part of a page says nothing about missing fields.
        writer.write(await sifting.pick(feedPage), true)
      : writer.write(feedPage));
    token = feedPage.continueFrom ?? token;
    if (feedPage.sourceRows !== undefined && !sifting) source = (source ?? 0) + feedPage.sourceRows;
    const { pages, rowsRead: rows, newestChangeMs } = writer.summary();
    const fraction = window
      ? share(window.since, newestChangeMs, new Date(window.until))
      : share(cursor.watermark ?? changedFrom, newestChangeMs, startedAt);
    onEvent({
      type: 'page',
      entity: entity.name,
      pages: pages.length,
      rows,
      bytes: tally.bytes,
      ...fraction,
    });
    if (plan.feed === 'export' && plan.before && (oldestChangeMs ?? 0) >= plan.before.getTime()) break;
  }
  await sifting?.settle();
  const feed = writer.summary();
  const isBehindToken = plan.feed === 'export' && plan.start.token !== undefined && !isTokenLost;
  if (window === undefined && !isBehindToken) {
    const known = await options.held.count(changedFrom);
    assertUsualVolume({ entity: entity.name, from: changedFrom, found: feed.rowsRead, known });
  }
  const again = { entity, read, scanPage, now: startedAt };
  if (window === undefined) {
    for await (const feedPage of standingPages({ ...again, openIds: options.standingIds })) {
      await writer.write(feedPage, true);
    }
    for await (const feedPage of idPages({ ...again, ids: options.rejectedIds })) {
      await writer.write(feedPage, true);
    }
  }
  const { pages, rejected, rowsRead, ...found } = writer.summary();
  // Those asked for again are not in the service's count of the feed.
  if (source !== null) source += rowsRead - feed.rowsRead;
  if (Object.keys(found.unknownFields).length > 0) {
    onEvent({ type: 'unknown-fields', entity: entity.name, fields: found.unknownFields });
  }
  if (found.rowsRejected > 0) {
    onEvent({ type: 'rejected', entity: entity.name, rows: found.rowsRejected, reasons: found.reasons });
  }
  const manifest: Manifest = {
    entity: entity.name,
    run_id: runId,
    run_date: config.runDate,
    mode,
    ...(window && { window }),
    feed: plan.feed,
    changed_from: changedFrom?.toISOString() ?? null,
    schema_version: schemaVersion(entity.name),
    started_at: startedAt.toISOString(),
    ended_at: clock().toISOString(),
    pages,
    rejected,
    unknown_fields: found.unknownFields,
    drift: found.drift,
    rows_source: source,
    rows_read: rowsRead,
    api_calls: tally.calls,
    retries: tally.retries,
    bytes: tally.bytes,
    cursor_before: cursor,
    cursor_after: window
      ? cursor
      : {
          continuation_token: token,
          watermark: watermarkAfter(cursor.watermark, feed.newestChangeMs, startedAt),
        },
  };
  await putManifest(landing, manifest);
  return manifest;
}

function readerOf({ entity, client, tally, onEvent, signal }: LandOptions): Read {
  const onRetry = (retry: { delayMs: number; reason: string }) =>
    onEvent({ type: 'retry', entity: entity.name, ...retry });
  return (resource, query) => client.get({ entity, resource, query, tally, signal, onRetry });
}

/** One pass over a page that finds its records and which of them surely fit. */
function scanOf({ changeField }: Entity, schema: JsonSchema): PageScan {
  const dateTimeKeys = dateTimeNames(columnsOf(schema));
  return checkedScan(shapeOf(schema, { dateTimeKeys, changeField }), dateTimeKeys);
}

function feedPages(
  plan: Plan,
  options: {
    readonly entity: Entity;
    readonly read: Read;
    readonly scanPage: PageScan;
    readonly now: Date;
    readonly onStaleToken: (fallback: ExportStart) => void;
  },
): AsyncGenerator<FeedPage> {
  if (plan.feed === 'list') return listPages({ ...options, window: plan.window });
  return exportPages({ ...options, start: plan.start, fallback: plan.fallback });
}

/**
 * Instants with microseconds, each later than the one before, also when the clock stands still or went
 * back.
 */
function extractionStamps(clock: () => Date, after: Date | null): () => string {
  let last = BigInt(after?.getTime() ?? 0) * 1000n;
  return () => {
    const now = BigInt(clock().getTime()) * 1000n;
    last = now > last ? now : last + 1n;
    const seconds = new Date(Number(last / 1000n)).toISOString().slice(0, 19);
    return `${seconds}.${String(last % 1_000_000n).padStart(6, '0')}Z`;
  };
}

/**
 * The newest change that was read. One from the future, by a clock that is wrong somewhere, must not hide
 * what changes until then.
 */
function watermarkAfter(before: string | null, newestMs: number | undefined, startedAt: Date): string | null {
  if (newestMs === undefined) return before;
  const readUpTo = Math.min(newestMs, startedAt.getTime());
  return new Date(Math.max(readUpTo, before === null ? 0 : Date.parse(before))).toISOString();
}

/** How much of the time from `from` until now is read: feeds are usually in the order of change. */
function share(
  from: string | Date | undefined,
  newestMs: number | undefined,
  now: Date,
): { readonly fraction?: number } {
  if (from === undefined || newestMs === undefined) return {};
  const start = new Date(from).getTime();
  return { fraction: Math.min(1, Math.max(0, (newestMs - start) / (now.getTime() - start))) };
}
