import { columnsOf, dateTimeNames, readSchema } from '../schemas/columns.ts';
import { whereStopped } from './backfill-plan.ts';
import type { ApiClient, Tally } from './client.ts';
import type { FeedPage } from './feed.ts';
import { type Held, heldRecords, type Range, sortable } from './held-records.ts';
import type { PickOfPage } from './land.ts';
import { listedRecords, partOfPage } from './page-part.ts';
import { type EntityResult, extractEntity, type RunOptions } from './run.ts';
import { newRunId } from './run-id.ts';
import { planSweepOf, type SweepPlan, sweepReader, windowsToRead } from './sweep-plan.ts';
import { canBeAskedFor, makeSure, noteVanished } from './vanished.ts';

export interface SweepRunOptions extends Omit<RunOptions, 'runId' | 'entities'> {
  readonly client: ApiClient;
  /** Tells runs apart that begin in the same millisecond. */
  readonly suffix: () => string;
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
  const tally: Tally = { calls: 0, retries: 0, bytes: 0 };
  const found = { windows: 0, missing: 0, newer: 0, vanished: new Set<string>() };
  const { name } = first.entity;
  let failure: SweepResult['failure'];
  try {
    let plan: SweepPlan | undefined = first;
    for (let pass = 1; plan !== undefined && pass <= PASSES; pass++) {
      const before = found.missing + found.newer;
      await sweepOnce(plan, options, tally, found);
      const isMended = found.missing + found.newer > before;
      plan = plan.isCounted && isMended ? await planAgain(plan, options, tally) : undefined;
    }
  } catch (error) {
    // The others go on.
    failure = { entity: name, status: 'failed', error, effort: tally };
  }
  return {
    entity: name,
    isCounted: first.isCounted,
    here: first.here,
    there: first.there,
    ...found,
    vanished: [...found.vanished].sort((a, b) => a.length - b.length || (a < b ? -1 : 1)),
    calls: tally.calls,
    failure,
  };
}

function planAgain({ entity, range }: SweepPlan, options: SweepRunOptions, tally: Tally) {
  const { warehouse, ...rest } = options;
  tally.calls += 1;
  return planSweepOf(entity, { ...rest, query: warehouse.query, since: range.from, until: range.before });
}

interface Found {
  windows: number;
  missing: number;
  newer: number;
  readonly vanished: Set<string>;
}

/** @throws what a run of a window failed with. */
async function sweepOnce(
  plan: SweepPlan,
  options: SweepRunOptions,
  tally: Tally,
  found: Found,
): Promise<void> {
  const { entity, range } = plan;
  const { warehouse, config, clock } = options;
  const read = sweepReader(entity, options, tally);
  const [since, until] = [range.from.toISOString(), range.before.toISOString()];
  const isAsked = canBeAskedFor(entity);
  const log = { entity, config, query: warehouse.query };
  // Without ids, what is unlisted can only be made sure of at the end, by windows that all were read this time.
  const stoppedAt = plan.isCounted || !isAsked ? undefined : await whereStopped('sweep', log, since, until);
  const unlisted = new Map<string, Held>();
  const seen = new Set<string>();

  const settle = async () => {
    const now = clock();
    const vanished = await makeSure({ entity, unlisted, read, now });
    for (const id of vanished.ids) found.vanished.add(id);
    await noteVanished({ entity, vanished, unlisted, seen, warehouse, datasets: config.datasets, now });
    unlisted.clear();
    seen.clear();
  };

  for await (const window of windowsToRead(plan, read)) {
    if (stoppedAt && window.before <= stoppedAt) continue;
    const { result, listed, ours } = await sweepWindow(plan, window, options, found);
    tally.calls += result.effort.calls;
    found.windows += 1;
    if (result.status === 'failed') throw result.error;
    for (const id of listed) seen.add(id);
    for (const [id, record] of ours) {
      if (!listed.has(id) && (plan.isCounted || record.isActive)) unlisted.set(id, record);
    }
    if (isAsked) await settle();
  }
  if (!isAsked) await settle();
}

/** Reads a window of the list, in a run that lands what is missing here or newer there. */
async function sweepWindow(plan: SweepPlan, window: Range, options: SweepRunOptions, found: Found) {
  const { entity, range } = plan;
  const { warehouse, config, clock } = options;
  const held = heldRecords({ entity, query: warehouse.query, datasets: config.datasets });
  const dateTimeKeys = dateTimeNames(columnsOf(readSchema(entity.name)));
  const rejected = new Set((await warehouse.openRecords(entity.name)).rejectedIds);
  const ours = await held.changedIn(window);
  const listed = new Set<string>();

  const pick: PickOfPage = async (feedPage): Promise<FeedPage> => {
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
    return { ...feedPage, page: partOfPage(feedPage.page, indexes, dateTimeKeys) };
  };

  const asked = {
    from: window.from.toISOString(),
    before: window.before.toISOString(),
    since: range.from.toISOString(),
    until: range.before.toISOString(),
  };
  const runId = newRunId(clock(), options.suffix());
  const run = { ...options, runId, entities: [entity] };
  const result = await extractEntity(entity, run, { window: asked, pick });
  return { result, listed, ours };
}
