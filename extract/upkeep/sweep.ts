import { columnsOf, dateTimeNames, readSchema } from '../../schemas/columns.ts';
import type { CallMetrics } from '../api/client.ts';
import type { EntityResult } from '../entity-run.ts';
import type { PageFilter } from '../extract-to-landing.ts';
import { newRunId } from '../landing/run-id.ts';
import { type Range, type StoredRecord, sortable, storedRecords } from '../load/stored-records.ts';
import type { Lease } from '../load/warehouse.ts';
import { filterPage, listedRecords } from '../pages/filter-page.ts';
import { type ExtractOptions, extractEntity } from '../run.ts';
import { whereStopped } from './backfill-plan.ts';
import { canReadById, noteMissingRecords } from './missing-at-source.ts';
import { planSweepOf, type SweepPlan, sweepReader, windowsToRead } from './sweep-plan.ts';

export interface SweepRunOptions extends Omit<ExtractOptions, 'runId'> {
  /** Tells runs apart that begin in the same millisecond. */
  readonly suffix: () => string;
  /** Whether more than half of what is held may be gone. */
  readonly isMassDeletionAccepted?: boolean | undefined;
}

/** What a sweep of an entity found; what was missing or newer is loaded. */
export interface SweepResult {
  readonly entity: string;
  readonly isCounted: boolean;
  readonly here: number;
  readonly there: number | null;
  /** Windows that were read. */
  readonly windows: number;
  readonly missing: number;
  readonly newer: number;
  /** Ids of records that the service no longer has. */
  readonly vanished: readonly string[];
  readonly calls: number;
  /** Why the sweep of the entity ended before its end, if it did. */
  readonly failure: Extract<EntityResult, { status: 'failed' }> | undefined;
}

/** A record that is found brings others to light only where it hid them in a number: once more, and once more. */
const PASSES = 3;

/**
 * Compares an entity with the source and mends it: what is missing, or newer there, is landed and loaded window by window,
 * each a run beside the cursor; what is held and no longer there is noted as vanished. A sweep that was stopped goes on:
 * by its numbers, or in the window after the last that was read.
 */
export async function sweepEntity(first: SweepPlan, options: SweepRunOptions): Promise<SweepResult> {
  const metrics: CallMetrics = { calls: 0, retries: 0, bytes: 0 };
  const found = { windows: 0, missing: 0, newer: 0, vanished: new Set<string>() };
  const { name } = first.entity;
  let failure: SweepResult['failure'];
  try {
    let plan: SweepPlan | undefined = first;
    for (let pass = 1; plan !== undefined && pass <= PASSES; pass++) {
      const before = found.missing + found.newer;
      await sweepOnce(plan, options, metrics, found);
      const isMended = found.missing + found.newer > before;
      plan = plan.isCounted && isMended ? await planAgain(plan, options, metrics) : undefined;
    }
  } catch (error) {
    // The others go on.
    failure = { entity: name, status: 'failed', error, metrics: metrics };
  }
  return {
    entity: name,
    isCounted: first.isCounted,
    here: first.here,
    there: first.there,
    ...found,
    vanished: [...found.vanished].sort((a, b) => a.length - b.length || (a < b ? -1 : 1)),
    calls: metrics.calls,
    failure,
  };
}

function planAgain({ entity, range }: SweepPlan, options: SweepRunOptions, metrics: CallMetrics) {
  const { warehouse, ...rest } = options;
  metrics.calls += 1;
  return planSweepOf(entity, { ...rest, query: warehouse.query, since: range.from, until: range.before });
}

interface SweepCounts {
  windows: number;
  missing: number;
  newer: number;
  readonly vanished: Set<string>;
}

/** @throws what a run of a window failed with. */
async function sweepOnce(
  plan: SweepPlan,
  options: SweepRunOptions,
  metrics: CallMetrics,
  found: SweepCounts,
): Promise<void> {
  const { entity, range } = plan;
  const { warehouse, config, clock } = options;
  const read = sweepReader(entity, options, metrics);
  const [since, until] = [range.from.toISOString(), range.before.toISOString()];
  const isAsked = canReadById(entity);
  const log = { entity, config, query: warehouse.query };
  // Without ids, what is unlisted can only be made sure of at the end, by windows that all were read this time.
  const stoppedAt = plan.isCounted || !isAsked ? undefined : await whereStopped('sweep', log, since, until);
  const expected = new Map<string, StoredRecord>();
  const listed = new Set<string>();

  const settle = async (lease: Lease) => {
    const known = { plan, expected, listed, isAgreed: options.isMassDeletionAccepted === true };
    const place = { lease, warehouse, datasets: config.datasets, now: clock() };
    for (const id of await noteMissingRecords({ ...known, ...place, read })) found.vanished.add(id);
    expected.clear();
    listed.clear();
  };

  for await (const { window, isLast } of withLast(windowsToRead(plan, read))) {
    if (stoppedAt && window.before <= stoppedAt) continue;
    const result = await sweepWindow(plan, window, options, found, async (lease, seen, ours) => {
      for (const id of seen) listed.add(id);
      for (const [id, record] of ours) if (plan.isCounted || record.isActive) expected.set(id, record);
      if (isAsked || isLast) await settle(lease);
    });
    metrics.calls += result.metrics.calls;
    found.windows += 1;
    if (result.status === 'failed') throw result.error;
  }
}

async function* withLast(windows: AsyncGenerator<Range>): AsyncGenerator<{ window: Range; isLast: boolean }> {
  let window: Range | undefined;
  for await (const next of windows) {
    if (window) yield { window, isLast: false };
    window = next;
  }
  if (window) yield { window, isLast: true };
}

/**
 * Reads a window of the list, in a run that lands what is missing here or newer there.
 *
 * @param onWindowRead is called with the ids that the list showed and the records stored for the window, before the run
 * is sealed: so a window that is loaded is also checked for missing records.
 */
async function sweepWindow(
  plan: SweepPlan,
  window: Range,
  options: SweepRunOptions,
  found: SweepCounts,
  onWindowRead: (
    lease: Lease,
    listed: ReadonlySet<string>,
    ours: ReadonlyMap<string, StoredRecord>,
  ) => Promise<void>,
): Promise<EntityResult> {
  const { entity, range } = plan;
  const { warehouse, config, clock } = options;
  const held = storedRecords({ entity, query: warehouse.query, datasets: config.datasets });
  const dateTimeKeys = dateTimeNames(columnsOf(readSchema(entity.name)));
  const rejected = new Set((await warehouse.openRecords(entity.name)).rejectedIds);
  const ours = await held.changedIn(window);
  const listed = new Set<string>();

  const filter: PageFilter['filter'] = async (feedPage) => {
    const records = listedRecords(feedPage.page, entity);
    const others = await held.withIds(records.map(({ id }) => id).filter((id) => !ours.has(id)));
    const news = records.filter(({ id, changed }) => {
      listed.add(id);
      // Without a key it is noted as rejected, and cannot be found again.
      if (id === 'null') return false;
      const mine = ours.get(id) ?? others.get(id);
      if (mine !== undefined && sortable(changed) <= mine.changed) return false;
      if (mine !== undefined) found.newer += 1;
      else if (!rejected.has(id)) found.missing += 1;
      return true;
    });
    const indexes = news.map(({ index }) => index);
    return { ...feedPage, page: filterPage(feedPage.page, indexes, dateTimeKeys) };
  };

  const asked = {
    from: window.from.toISOString(),
    before: window.before.toISOString(),
    since: range.from.toISOString(),
    until: range.before.toISOString(),
  };
  const runId = newRunId(clock(), options.suffix());
  const pageFilter = (lease: Lease) => ({ filter, finish: () => onWindowRead(lease, listed, ours) });
  return extractEntity(entity, { ...options, runId }, { window: asked, filter: pageFilter });
}
