import PQueue from 'p-queue';
import { LeaseError, tellable } from '../base/errors.ts';
import type { Entity } from '../schemas/entities.ts';
import type { ApiClient, Tally } from './api/client.ts';
import type { Config } from './config.ts';
import type { OnEvent } from './events.ts';
import { landEntity, type Sifting } from './extract-to-landing.ts';
import { planRead, planSweep, planWindow } from './feeds/plan.ts';
import type { Landing } from './landing/landing.ts';
import {
  type BackfillWindow,
  type Cursor,
  findManifest,
  landedRuns,
  type Manifest,
} from './landing/manifest.ts';
import { keepLease } from './load/lease-heartbeat.ts';
import type { Receipt } from './load/receipt.ts';
import { heldRecords } from './load/stored-records.ts';
import type { Beginning, Lease, Run, Warehouse } from './load/warehouse.ts';

/** What came of one entity; the others go on when one fails. */
export type EntityResult =
  | { readonly entity: string; readonly status: 'success'; readonly receipt: Receipt; readonly effort: Tally }
  | { readonly entity: string; readonly status: 'failed'; readonly error: unknown; readonly effort: Tally };

export interface RunOptions {
  readonly config: Pick<
    Config,
    'syncMode' | 'lookbackDays' | 'syncStartDate' | 'runDate' | 'maxConcurrentRequests' | 'datasets'
  >;
  /** Also the name of the run's folders in the landing; runs are replayed in the order of their names. */
  readonly runId: string;
  readonly landing: Landing;
  readonly warehouse: Warehouse;
  readonly entities: readonly Entity[];
  readonly clock: () => Date;
  readonly onEvent: OnEvent;
  readonly signal: AbortSignal;
}

/**
 * Reads, lands and loads entities, several side by side. The warehouse must be prepared.
 *
 * @returns a result per entity, in the order given.
 */
export async function extractAll(
  options: RunOptions & { readonly client: ApiClient },
): Promise<readonly EntityResult[]> {
  const { config, entities, onEvent } = options;
  // Each entity that is read holds one page at a time: more of them than requests at a time would only hold more memory.
  const places = new PQueue({ concurrency: config.maxConcurrentRequests });
  return Promise.all(
    entities.map((entity) => {
      onEvent({ type: 'phase', entity: entity.name, phase: 'waiting' });
      return inPlace(places, (leave) => extractEntity(entity, options, { onLanded: leave }));
    }),
  );
}

/** Does `work` once there is a place; the place is free again when `work` leaves it or ends. */
function inPlace<T>(places: PQueue, work: (leave: () => void) => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const untilLeft = () =>
      new Promise<void>((leave) => {
        work(leave).then(resolve, reject).finally(leave);
      });
    places.add(untilLeft).catch(reject);
  });
}

/** Builds raw tables anew from what is landed, without the API. The warehouse must be prepared. */
export async function replayAll(options: RunOptions): Promise<readonly EntityResult[]> {
  const results: EntityResult[] = [];
  for (const entity of options.entities) {
    results.push(
      await withLease(entity, { mode: 'replay' }, options, async ({ lease }) => {
        const { warehouse, landing, clock, onEvent } = options;
        onEvent({ type: 'phase', entity: entity.name, phase: 'loading' });
        const manifests = await landedRuns(landing, entity.name);
        return warehouse.rebuild({ manifests, landing, lease, now: clock() });
      }),
    );
  }
  return results;
}

/**
 * Reads, lands and loads an entity from where its cursor stands, or one window beside the cursor: of a backfill, or with
 * `sift` of a sweep, which reads the list and lands a part of it.
 */
export function extractEntity(
  entity: Entity,
  options: RunOptions & { readonly client: ApiClient },
  part: {
    readonly window?: BackfillWindow;
    readonly sift?: (lease: Lease) => Sifting;
    readonly onLanded?: () => void;
  } = {},
): Promise<EntityResult> {
  const { window, sift, onLanded } = part;
  const { config, landing, warehouse, clock, onEvent } = options;
  const mode = window ? (sift ? 'sweep' : 'backfill') : config.syncMode;
  const planOf = (cursor: Cursor) => {
    if (window === undefined) return planRead(entity, config.syncMode, cursor, config);
    return sift ? planSweep(window) : planWindow(entity, window);
  };
  return withLease(entity, { mode, window }, options, async (beginning, tally, signal) => {
    const cursor = await recover(beginning, options);
    onEvent({ type: 'phase', entity: entity.name, phase: 'reading' });
    const manifest = await landEntity({
      ...options,
      entity,
      mode,
      plan: planOf(cursor),
      window,
      sifting: sift?.(beginning.lease),
      held: heldRecords({ entity, query: warehouse.query, datasets: config.datasets }),
      cursor,
      ...(await warehouse.openRecords(entity.name)),
      after: beginning.updatedAt,
      tally,
      signal,
    });
    // The next entity is read while this one is loaded.
    onLanded?.();
    onEvent({ type: 'phase', entity: entity.name, phase: 'loading' });
    const { receipt } = await warehouse.load({ manifest, landing, lease: beginning.lease, now: clock() });
    return receipt;
  });
}

/** Loads what earlier runs landed whole but could not load; returns where the cursor stands then. */
async function recover(beginning: Beginning, options: RunOptions): Promise<Cursor> {
  const { lease, unfinishedRuns } = beginning;
  const { landing, warehouse, clock, onEvent } = options;
  let { cursor } = beginning;
  for (const runId of unfinishedRuns) {
    const told = { type: 'recovered', entity: lease.entity, runId } as const;
    let repeat: Manifest['mode'] | undefined;
    try {
      const manifest = await findManifest(landing, lease.entity, runId);
      if (manifest === undefined) continue;
      if (manifest.window) repeat = manifest.mode;
      cursor = (await warehouse.load({ manifest, landing, lease, now: clock() })).cursor;
      onEvent(told);
    } catch (error) {
      if (error instanceof LeaseError) throw error;
      // What it held is read again from the service: of the feed by this run, for the cursor has not moved; of a window by
      // the backfill or the sweep that is repeated, for it goes on behind what is loaded.
      onEvent({ ...told, error: tellable(error), ...(repeat && { repeat }) });
    }
  }
  return cursor;
}

async function withLease(
  entity: Entity,
  kind: Pick<Run, 'mode' | 'window'>,
  options: RunOptions,
  work: (beginning: Beginning, tally: Tally, signal: AbortSignal) => Promise<Receipt>,
): Promise<EntityResult> {
  const { warehouse, runId, config, clock, onEvent } = options;
  const tally: Tally = { calls: 0, retries: 0, bytes: 0 };
  const lost = new AbortController();
  let lease: Lease | undefined;
  let letGo = () => {};
  try {
    options.signal.throwIfAborted();
    const now = clock();
    const beginning = await warehouse.begin({
      entity: entity.name,
      runId,
      runDate: config.runDate,
      ...kind,
      now,
    });
    lease = beginning.lease;
    letGo = keepLease({ warehouse, lease, takenAt: now, clock, onLost: (error) => lost.abort(error) });
    const receipt = await work(beginning, tally, AbortSignal.any([options.signal, lost.signal]));
    onEvent({ type: 'done', entity: entity.name, receipt });
    return { entity: entity.name, status: 'success', receipt, effort: tally };
  } catch (error) {
    const text = tellable(error);
    onEvent({ type: 'failed', entity: entity.name, error: text });
    // What is to be told is why the run failed, also when the warehouse cannot be told any more.
    if (lease) await warehouse.fail({ lease, error: text, effort: tally, now: clock() }).catch(() => {});
    return { entity: entity.name, status: 'failed', error, effort: tally };
  } finally {
    letGo();
    if (lease) await warehouse.end(lease).catch(() => {});
  }
}
