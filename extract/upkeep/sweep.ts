import { columnsOf, dateTimeNames } from '../../schemas/columns.ts';
import type { Entity } from '../../schemas/entities.ts';
import { readSchema } from '../../schemas/schema-files.ts';
import type { CallMetrics } from '../api/client.ts';
import { hidesDeactivated } from '../api/query-parameters.ts';
import type { EntityResult } from '../entity-run.ts';
import type { PageFilter } from '../extract-to-landing.ts';
import { newRunId } from '../landing/run-id.ts';
import { type StoredRecord, sortableInstant, storedRecords } from '../load/stored-records.ts';
import type { Lease } from '../load/warehouse.ts';
import { filterPage, listedRecords } from '../pages/filter-page.ts';
import type { Page } from '../pages/page.ts';
import { createRowHash } from '../pages/row-hash.ts';
import { type ExtractOptions, extractEntity } from '../run.ts';
import { noteMissingRecords } from './missing-at-source.ts';
import { type SweepPlan, sweepReader } from './sweep-plan.ts';

export interface SweepRunOptions extends Omit<ExtractOptions, 'runId'> {
  /** Makes run ids unique: two runs may begin in the same millisecond. */
  readonly suffix: () => string;
  /** Whether it is accepted that more than half of the stored records are missing at the source. */
  readonly isMassDeletionAccepted?: boolean | undefined;
}

/** What a sweep of an entity found. `sweep --json` prints it: `here` is the warehouse, `there` the source. */
export interface SweepResult {
  readonly entity: string;
  readonly here: number;
  readonly there: number | null;
  /** Pages of the list that were read. */
  readonly windows: number;
  /** Records that the warehouse did not have. They are loaded now. */
  readonly missing: number;
  /** Records that the source shows in another state than the warehouse had. That state is loaded now, and is the newest. */
  readonly newer: number;
  /** Ids of stored records that are missing at the source. */
  readonly vanished: readonly string[];
  readonly calls: number;
  /** Why the sweep of the entity failed, if it did. Then nothing of it is loaded. */
  readonly failure: Extract<EntityResult, { status: 'failed' }> | undefined;
}

/**
 * Compares an entity with the source and loads what the warehouse lacks.
 *
 * One run reads the whole list for the range and lands only the records whose content differs from the stored one. The
 * cursor does not move. Stored records that are missing at the source are noted in `vanished_records`.
 */
export async function sweepEntity(plan: SweepPlan, options: SweepRunOptions): Promise<SweepResult> {
  const { entity, range, cuts, here, there } = plan;
  const metrics: CallMetrics = { calls: 0, retries: 0, bytes: 0 };
  const found = { windows: 0, missing: 0, newer: 0, vanished: new Set<string>() };
  const [from, before] = [range.from.toISOString(), range.before.toISOString()];
  const runId = newRunId(options.clock(), options.suffix());
  const result = await extractEntity(
    entity,
    { ...options, runId },
    {
      window: { from, before, since: from, until: before },
      cuts,
      filter: (lease, rejectedIds) => differences({ plan, options, lease, rejectedIds, metrics, found }),
    },
  );
  const failure = result.status === 'failed' ? result : undefined;
  return {
    ...{ entity: entity.name, here, there, ...found },
    ...(failure && { missing: 0, newer: 0 }),
    vanished: [...found.vanished].sort((a, b) => a.length - b.length || (a < b ? -1 : 1)),
    calls: metrics.calls + result.metrics.calls,
    failure,
  };
}

/** Keeps the records of each page that differ from the stored ones, and at the end looks for those that no page showed. */
function differences(sweep: {
  readonly plan: SweepPlan;
  readonly options: SweepRunOptions;
  readonly lease: Lease;
  readonly rejectedIds: readonly string[];
  readonly metrics: CallMetrics;
  readonly found: { windows: number; missing: number; newer: number; readonly vanished: Set<string> };
}): PageFilter {
  const { plan, options, lease, metrics, found } = sweep;
  const { entity, range } = plan;
  const { warehouse, config } = options;
  const columns = columnsOf(readSchema(entity.name));
  const dateTimeKeys = dateTimeNames(columns);
  const isSame = contentComparison(entity, createRowHash(columns, entity.changeField));
  const stored = storedRecords({ entity, query: warehouse.query, datasets: config.datasets });
  const rejected = new Set(sweep.rejectedIds);
  const listed = new Set<string>();
  const unlisted = new Map<string, StoredRecord>();

  return {
    async filter(feedPage) {
      const { page, changedFrom = range.from, changedBefore = range.before } = feedPage;
      const records = listedRecords(page, entity);
      const storedHere = await stored.changedIn({ from: changedFrom, before: changedBefore });
      const storedElsewhere = await stored.withIds(
        records.map(({ id }) => id).filter((id) => !storedHere.has(id)),
      );
      found.windows += 1;
      for (const { id } of records) listed.add(id);
      for (const [id, record] of storedHere)
        if (!listed.has(id) && (record.isActive || !hidesDeactivated(entity))) unlisted.set(id, record);
      const different = records.filter(({ id, index, changed }) => {
        // A record without a key has been noted as rejected, and cannot be compared.
        if (id === 'null' || id === 'undefined') return false;
        const record = storedHere.get(id) ?? storedElsewhere.get(id);
        // A stored change time that is later than the source's would hide changes to come.
        const wentBack = record !== undefined && changed !== '' && sortableInstant(changed) < record.changed;
        if (record !== undefined && !wentBack && isSame(page, index, record.hash)) return false;
        // A record that was rejected before is not news: it breaks its schema again, or a night reads it by its id.
        if (!rejected.has(id)) found[record === undefined ? 'missing' : 'newer'] += 1;
        return true;
      });
      const indexes = different.map(({ index }) => index);
      return { ...feedPage, page: filterPage(page, indexes, dateTimeKeys) };
    },

    async finish() {
      for (const id of listed) unlisted.delete(id);
      const missing = await noteMissingRecords({
        ...{ plan, unlisted, listed, lease, warehouse, datasets: config.datasets, now: options.clock() },
        isMassDeletionAccepted: options.isMassDeletionAccepted === true,
        read: sweepReader(entity, options, metrics),
      });
      for (const id of missing) found.vanished.add(id);
    },
  };
}

const ACTIVE = Buffer.from('{"active":true,');

/**
 * Makes the comparison of a listed record with the hash of the stored one.
 *
 * A list that hides deactivated records does not send `active`: a record that it shows equals the one that the export feed
 * sent as active.
 */
function contentComparison(entity: Entity, rowHash: ReturnType<typeof createRowHash>) {
  return ({ bytes, scan }: Page, index: number, hash: string): boolean => {
    const [start = 0, end = 0] = [scan.starts[index], scan.ends[index]];
    if (scan.tooDeep.includes(index)) return false;
    if (rowHash(bytes, start) === hash) return true;
    if (!hidesDeactivated(entity)) return false;
    const active = Buffer.concat([ACTIVE, bytes.subarray(start + 1, end)]);
    return rowHash(active, 0) === hash;
  };
}
