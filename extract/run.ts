import PQueue from 'p-queue';
import { LeaseError, safeMessage } from '../base/errors.ts';
import type { Entity } from '../schemas/entities.ts';
import type { ApiClient } from './api/client.ts';
import type { Config } from './config.ts';
import { createEntityRun, type EntityResult } from './entity-run.ts';
import type { OnEvent } from './events.ts';
import { type EntityRead, extractToLanding, type PageFilter } from './extract-to-landing.ts';
import { planRead, planSweep, planWindow } from './feeds/plan.ts';
import { rereadIds } from './feeds/reread.ts';
import type { Landing } from './landing/landing.ts';
import { type BackfillWindow, type Cursor, findManifest, type Manifest } from './landing/manifest.ts';
import { storedRecords } from './load/stored-records.ts';
import type { EarlyLoad, Lease, RunStart, Warehouse } from './load/warehouse.ts';

export interface RunOptions {
  readonly config: Pick<
    Config,
    'syncMode' | 'lookbackDays' | 'syncStartDate' | 'runDate' | 'maxConcurrentRequests' | 'datasets'
  > &
    Partial<Pick<Config, 'rereadCalls'>>;
  /** Also the name of the run's folder in the landing; a replay loads runs in the order of their names. */
  readonly runId: string;
  readonly landing: Landing;
  readonly warehouse: Warehouse;
  readonly clock: () => Date;
  readonly onEvent: OnEvent;
  readonly signal: AbortSignal;
}

export type ExtractOptions = RunOptions & { readonly client: ApiClient };

/**
 * Extracts and loads entities, several in parallel. The warehouse must be prepared.
 *
 * @returns one result per entity, in the given order.
 */
export async function extractAll({
  entities,
  ...options
}: ExtractOptions & { readonly entities: readonly Entity[] }): Promise<readonly EntityResult[]> {
  // Each entity being read keeps a page in memory; more readers than parallel requests would only use more memory.
  const readers = new PQueue({ concurrency: options.config.maxConcurrentRequests });
  // If this fails, each entity reads for itself, and fails with its own reason.
  await options.warehouse.readAhead(entities.map(({ name }) => name)).catch(() => {});
  const unread = new Set(entities);
  const endRead = async (entity: Entity) => {
    if (unread.delete(entity) && unread.size === 0) await options.warehouse.allRead();
  };
  return Promise.all(
    entities.map(async (entity) => {
      options.onEvent({ type: 'phase', entity: entity.name, phase: 'waiting' });
      const release = await takeSlot(readers);
      const onLanded = () => {
        release();
        return endRead(entity);
      };
      return extractEntity(entity, options, { onLanded }).finally(onLanded);
    }),
  );
}

/** Waits for a free slot of the queue and returns the function that frees it. */
function takeSlot(queue: PQueue): Promise<() => void> {
  return new Promise((taken) => {
    queue.add(() => new Promise<void>((release) => taken(release)));
  });
}

/** The optional parts of a read: its window, its filter, and a callback. */
export interface ReadOptions {
  /** Set for a backfill or a sweep: read this window and leave the cursor alone. */
  readonly window?: BackfillWindow;
  /** Set for a sweep: which records of the list are landed. `rejectedIds` are the records that broke their schema before. */
  readonly filter?: (lease: Lease, rejectedIds: readonly string[]) => PageFilter;
  /** Instants at which a sweep's window is divided before it is read. */
  readonly cuts?: readonly Date[];
  /** Called when the last page is landed; another entity may be read while this one is loaded. */
  readonly onLanded?: () => Promise<void>;
}

/** Extracts an entity from its cursor, or one window of it, and loads it. Never rejects. */
export async function extractEntity(
  entity: Entity,
  options: ExtractOptions,
  { window, filter, cuts = [], onLanded }: ReadOptions = {},
): Promise<EntityResult> {
  const { config, landing, warehouse, clock, onEvent } = options;
  const mode = window === undefined ? config.syncMode : filter ? 'sweep' : 'backfill';
  const run = createEntityRun(entity, { mode, window }, options);
  let early: EarlyLoad | undefined;
  try {
    const start = await run.start();
    const cursor = await loadUnfinishedRuns(start, options);

    onEvent({ type: 'phase', entity: entity.name, phase: 'reading' });
    const plan =
      window === undefined
        ? planRead(entity, config.syncMode, cursor, config)
        : filter
          ? planSweep(window, cuts)
          : planWindow(entity, window);
    const openRecords = await warehouse.openRecords(entity.name);
    const stored = storedRecords({ entity, query: warehouse.query, datasets: config.datasets });
    const read: EntityRead = {
      ...{ entity, mode, plan, window, cursor, stored },
      filter: filter?.(start.lease, openRecords.rejectedIds),
      rereadIds: await rereadIds(entity, mode, config, stored),
      ...openRecords,
      after: start.updatedAt,
    };
    // The pages of a full raw table are compared when all are read; those of an empty one are loaded meanwhile.
    early = await warehouse.loadEarly(entity.name, landing);
    const manifest = await extractToLanding(read, {
      ...options,
      metrics: run.metrics,
      signal: run.signal,
      onPage: (page) => early?.add({ entity: entity.name, run_id: options.runId }, page),
    });
    await onLanded?.();

    onEvent({ type: 'phase', entity: entity.name, phase: 'loading' });
    const load = { manifest, landing, lease: start.lease, now: clock(), early };
    const { receipt } = await warehouse.load(load);
    return run.succeed(receipt);
  } catch (error) {
    await early?.abandon();
    return await run.fail(error);
  } finally {
    await run.end();
  }
}

/** Loads the runs that were landed completely but not loaded, and returns the resulting cursor. */
async function loadUnfinishedRuns(
  { lease, cursor, unfinishedRuns }: RunStart,
  { landing, warehouse, clock, onEvent }: RunOptions,
): Promise<Cursor> {
  let current = cursor;
  for (const runId of unfinishedRuns) {
    const event = { type: 'recovered', entity: lease.entity, runId } as const;
    let repeat: Manifest['mode'] | undefined;
    try {
      const manifest = await findManifest(landing, lease.entity, runId);
      if (manifest === undefined) continue;
      if (manifest.window) repeat = manifest.mode;
      current = (await warehouse.load({ manifest, landing, lease, now: clock() })).cursor;
      onEvent(event);
    } catch (error) {
      if (error instanceof LeaseError) throw error;
      // Nothing is lost: the cursor has not moved, so this run reads the same part of the feed again. A backfill or
      // a sweep reads its window again when the command is repeated: a backfill continues after its last loaded window.
      onEvent({ ...event, error: safeMessage(error), ...(repeat && { repeat }) });
    }
  }
  return current;
}
