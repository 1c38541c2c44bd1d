import PQueue from 'p-queue';
import { LeaseError, safeMessage } from '../base/errors.ts';
import type { Entity } from '../schemas/entities.ts';
import type { ApiClient } from './api/client.ts';
import type { Config } from './config.ts';
import { createEntityRun, type EntityResult } from './entity-run.ts';
import type { OnEvent } from './events.ts';
import { type EntityRead, extractToLanding, type PageFilter } from './extract-to-landing.ts';
import { planRead, planSweep, planWindow } from './feeds/plan.ts';
import type { Landing } from './landing/landing.ts';
import { type BackfillWindow, type Cursor, findManifest, type Manifest } from './landing/manifest.ts';
import { storedRecords } from './load/stored-records.ts';
import type { Lease, RunStart, Warehouse } from './load/warehouse.ts';

export interface RunOptions {
  readonly config: Pick<
    Config,
    'syncMode' | 'lookbackDays' | 'syncStartDate' | 'runDate' | 'maxConcurrentRequests' | 'datasets'
  >;
  /** Also the name of the run's folders in the landing; runs are replayed in the order of their names. */
  readonly runId: string;
  readonly landing: Landing;
  readonly warehouse: Warehouse;
  readonly clock: () => Date;
  readonly onEvent: OnEvent;
  readonly signal: AbortSignal;
}

export type ExtractOptions = RunOptions & { readonly client: ApiClient };

/**
 * Extracts and loads entities, several side by side. The warehouse must be prepared.
 *
 * @returns a result per entity, in the order given.
 */
export async function extractAll({
  entities,
  ...options
}: ExtractOptions & { readonly entities: readonly Entity[] }): Promise<readonly EntityResult[]> {
  // An entity that is being read holds one page in memory: more of them than parallel requests would only hold more.
  const readers = new PQueue({ concurrency: options.config.maxConcurrentRequests });
  return Promise.all(
    entities.map(async (entity) => {
      options.onEvent({ type: 'phase', entity: entity.name, phase: 'waiting' });
      const release = await takeSlot(readers);
      return extractEntity(entity, options, { onLanded: release }).finally(release);
    }),
  );
}

/** Waits for a free slot of the queue, and returns the function that frees it again. */
function takeSlot(queue: PQueue): Promise<() => void> {
  return new Promise((taken) => {
    queue.add(() => new Promise<void>((release) => taken(release)));
  });
}

/** What is read of an entity besides what its cursor asks for. */
export interface PartialRead {
  /** Of a backfill or a sweep: this window is read, and the cursor stays. */
  readonly window?: BackfillWindow;
  /** Of a sweep: which records of the list are landed. */
  readonly filter?: (lease: Lease) => PageFilter;
  /** Called when the last page is landed; the next entity may be read while this one is loaded. */
  readonly onLanded?: () => void;
}

/** Reads an entity from its cursor, or one window beside the cursor; lands it and loads it. Never rejects. */
export async function extractEntity(
  entity: Entity,
  options: ExtractOptions,
  { window, filter, onLanded }: PartialRead = {},
): Promise<EntityResult> {
  const { config, landing, warehouse, clock, onEvent } = options;
  const mode = window === undefined ? config.syncMode : filter ? 'sweep' : 'backfill';
  const run = createEntityRun(entity, { mode, window }, options);
  try {
    const start = await run.start();
    const cursor = await loadUnfinishedRuns(start, options);

    onEvent({ type: 'phase', entity: entity.name, phase: 'reading' });
    const plan =
      window === undefined
        ? planRead(entity, config.syncMode, cursor, config)
        : filter
          ? planSweep(window)
          : planWindow(entity, window);
    const read: EntityRead = {
      ...{ entity, mode, plan, window, cursor },
      filter: filter?.(start.lease),
      stored: storedRecords({ entity, query: warehouse.query, datasets: config.datasets }),
      ...(await warehouse.openRecords(entity.name)),
      after: start.updatedAt,
    };
    const manifest = await extractToLanding(read, { ...options, metrics: run.metrics, signal: run.signal });
    onLanded?.();

    onEvent({ type: 'phase', entity: entity.name, phase: 'loading' });
    const load = { manifest, landing, lease: start.lease, now: clock() };
    const { receipt } = await warehouse.load(load);
    return run.succeed(receipt);
  } catch (error) {
    return await run.fail(error);
  } finally {
    await run.end();
  }
}

/** Loads what earlier runs landed completely but did not load, and returns the cursor after it. */
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
      // Nothing is lost: the cursor has not moved, so this run reads the same part of the feed again. The window of a
      // backfill or a sweep is read again when that command is repeated, because it continues after what is loaded.
      onEvent({ ...event, error: safeMessage(error), ...(repeat && { repeat }) });
    }
  }
  return current;
}
