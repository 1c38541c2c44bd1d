import { columnsOf, dateTimeNames, readSchema } from '../../schemas/columns.ts';
import type { CallMetrics } from '../api/client.ts';
import type { EntityResult } from '../entity-run.ts';
import type { PageFilter } from '../extract-to-landing.ts';
import { newRunId } from '../landing/run-id.ts';
import { type Range, type StoredRecord, sortableInstant, storedRecords } from '../load/stored-records.ts';
import type { Lease } from '../load/warehouse.ts';
import { filterPage, listedRecords } from '../pages/filter-page.ts';
import { type ExtractOptions, extractEntity } from '../run.ts';
import { resumePoint } from './backfill-plan.ts';
import { canReadById, noteMissingRecords } from './missing-at-source.ts';
import { planSweepOf, type SweepPlan, sweepReader, windowsToRead } from './sweep-plan.ts';

export interface SweepRunOptions extends Omit<ExtractOptions, 'runId'> {
  /** Makes run ids unique: two runs may begin in the same millisecond. */
  readonly suffix: () => string;
  /** Whether it is accepted that more than half of the stored records are missing at the source. */
  readonly isMassDeletionAccepted?: boolean | undefined;
}

/** What a sweep of an entity found. `sweep --json` prints it: `here` is the warehouse, `there` the source. */
export interface SweepResult {
  readonly entity: string;
  readonly isCounted: boolean;
  readonly here: number;
  readonly there: number | null;
  /** Windows that were read. */
  readonly windows: number;
  /** Records that the warehouse did not have. They are loaded now. */
  readonly missing: number;
  /** Records that had a newer version at the source. It is loaded now. */
  readonly newer: number;
  /** Ids of stored records that are missing at the source. */
  readonly vanished: readonly string[];
  readonly calls: number;
  /** Why the sweep of the entity stopped early, if it did. */
  readonly failure: Extract<EntityResult, { status: 'failed' }> | undefined;
}

/** Two differences can cancel out in a count. When one of them is repaired, another pass finds the other. */
const MAX_PASSES = 3;

/**
 * Compares an entity with the source and loads what the warehouse lacks.
 *
 * Missing and newer records are landed and loaded window by window. Each window is its own run, and the cursor does not
 * move. Stored records that are missing at the source are noted in `vanished_records`. A sweep that stopped is resumed: by
 * comparing counts again, or in the window after the last one that was read.
 */
export async function sweepEntity(first: SweepPlan, options: SweepRunOptions): Promise<SweepResult> {
  const metrics: CallMetrics = { calls: 0, retries: 0, bytes: 0 };
  const found = { windows: 0, missing: 0, newer: 0, vanished: new Set<string>() };
  const { name } = first.entity;
  let failure: SweepResult['failure'];
  try {
    let plan: SweepPlan | undefined = first;
    for (let pass = 1; plan !== undefined && pass <= MAX_PASSES; pass++) {
      const before = found.missing + found.newer;
      await sweepOnce(plan, options, metrics, found);
      const isRepaired = found.missing + found.newer > before;
      plan = plan.isCounted && isRepaired ? await planAgain(plan, options, metrics) : undefined;
    }
  } catch (error) {
    // The sweeps of other entities continue.
    failure = { entity: name, status: 'failed', error, metrics };
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

/** @throws the error of the first window whose run failed. */
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
  const readsById = canReadById(entity);
  const log = { entity, config, query: warehouse.query };
  // Without reads by id, missing records can only be checked after all windows were read in one sweep.
  const resumeAt = plan.isCounted || !readsById ? undefined : await resumePoint('sweep', log, since, until);
  const expected = new Map<string, StoredRecord>();
  const listed = new Set<string>();

  const noteMissing = async (lease: Lease) => {
    const isMassDeletionAccepted = options.isMassDeletionAccepted === true;
    const compared = { plan, expected, listed, isMassDeletionAccepted };
    const target = { lease, warehouse, datasets: config.datasets, now: clock() };
    for (const id of await noteMissingRecords({ ...compared, ...target, read })) found.vanished.add(id);
    expected.clear();
    listed.clear();
  };

  for await (const { window, isLast } of markLast(windowsToRead(plan, read))) {
    if (resumeAt && window.before <= resumeAt) continue;
    const result = await sweepWindow(
      plan,
      window,
      options,
      found,
      async (lease, listedIds, storedInWindow) => {
        for (const id of listedIds) listed.add(id);
        for (const [id, record] of storedInWindow)
          if (plan.isCounted || record.isActive) expected.set(id, record);
        if (readsById || isLast) await noteMissing(lease);
      },
    );
    metrics.calls += result.metrics.calls;
    found.windows += 1;
    if (result.status === 'failed') throw result.error;
  }
}

async function* markLast(windows: AsyncGenerator<Range>): AsyncGenerator<{ window: Range; isLast: boolean }> {
  let window: Range | undefined;
  for await (const next of windows) {
    if (window) yield { window, isLast: false };
    window = next;
  }
  if (window) yield { window, isLast: true };
}

/**
 * Reads a window of the list in a run that lands only missing and newer records.
 *
 * @param onWindowRead is called before the manifest is written, with the ids that the list showed and the records stored
 * for the window. So every window that is loaded has been checked for missing records.
 */
async function sweepWindow(
  plan: SweepPlan,
  window: Range,
  options: SweepRunOptions,
  found: SweepCounts,
  onWindowRead: (
    lease: Lease,
    listed: ReadonlySet<string>,
    storedInWindow: ReadonlyMap<string, StoredRecord>,
  ) => Promise<void>,
): Promise<EntityResult> {
  const { entity, range } = plan;
  const { warehouse, config, clock } = options;
  const stored = storedRecords({ entity, query: warehouse.query, datasets: config.datasets });
  const dateTimeKeys = dateTimeNames(columnsOf(readSchema(entity.name)));
  const rejected = new Set((await warehouse.openRecords(entity.name)).rejectedIds);
  const storedInWindow = await stored.changedIn(window);
  const listed = new Set<string>();

  const filter: PageFilter['filter'] = async (feedPage) => {
    const records = listedRecords(feedPage.page, entity);
    const otherIds = records.map(({ id }) => id).filter((id) => !storedInWindow.has(id));
    const storedElsewhere = await stored.withIds(otherIds);
    const changedRecords = records.filter(({ id, changed }) => {
      listed.add(id);
      // A record without a key has been noted as rejected, and cannot be compared by id.
      if (id === 'null') return false;
      const storedRecord = storedInWindow.get(id) ?? storedElsewhere.get(id);
      if (storedRecord !== undefined && sortableInstant(changed) <= storedRecord.changed) return false;
      if (storedRecord !== undefined) found.newer += 1;
      else if (!rejected.has(id)) found.missing += 1;
      return true;
    });
    const indexes = changedRecords.map(({ index }) => index);
    return { ...feedPage, page: filterPage(feedPage.page, indexes, dateTimeKeys) };
  };

  const windowOfRun = {
    from: window.from.toISOString(),
    before: window.before.toISOString(),
    since: range.from.toISOString(),
    until: range.before.toISOString(),
  };
  const runId = newRunId(clock(), options.suffix());
  const pageFilter = (lease: Lease) => ({
    filter,
    finish: () => onWindowRead(lease, listed, storedInWindow),
  });
  return extractEntity(entity, { ...options, runId }, { window: windowOfRun, filter: pageFilter });
}
