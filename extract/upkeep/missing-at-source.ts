import type { Entity } from '../../schemas/entities.ts';
import { hidesDeactivated } from '../api/query-parameters.ts';
import type { Read } from '../api/read.ts';
import type { Config } from '../config.ts';
import { idPages } from '../feeds/by-id.ts';
import { listPages } from '../feeds/list.ts';
import { takesIds, takesWindow } from '../feeds/list-query.ts';
import { assertListPlausible } from '../feeds/volume-alarm.ts';
import type { StoredRecord } from '../load/stored-records.ts';
import type { Lease, Warehouse } from '../load/warehouse.ts';
import { listedRecords } from '../pages/filter-page.ts';
import { plainScan } from '../pages/scan.ts';
import { countAtSource, type SweepPlan } from './sweep-plan.ts';

/** Records that the source does not have any more. */
interface MissingRecords {
  readonly ids: readonly string[];
  readonly evidence: string;
}

/**
 * Checks which of the records that the list did not show are really missing at the source.
 *
 * Each record is read by its id. If the API cannot do that, the list is read from the oldest of their change instants to
 * its end: a record that has changed again is later in the list.
 */
async function confirmMissing(options: {
  readonly entity: Entity;
  readonly unlisted: ReadonlyMap<string, StoredRecord>;
  readonly read: Read;
  readonly now: Date;
}): Promise<MissingRecords> {
  const { entity, unlisted, read, now } = options;
  const ids = [...unlisted.keys()];
  const readsById = takesIds(entity);
  const oldest = [...unlisted.values()].map(({ changed }) => changed).sort()[0];
  if (oldest === undefined) return { ids: [], evidence: '' };
  const common = { entity, read, scanPage: plainScan };
  const window = takesWindow(entity) ? { from: new Date(`${oldest.slice(0, 23)}Z`) } : {};
  const found = new Set<string>();
  for await (const { page } of readsById
    ? idPages({ ...common, ids })
    : listPages({ ...common, window, now })) {
    for (const { id } of listedRecords(page, entity)) found.add(id);
  }
  const evidence = readsById ? 'not found by its id' : 'not in the list since its last change';
  return {
    ids: ids.filter((id) => !found.has(id)),
    evidence: hidesDeactivated(entity) ? `${evidence}; the list also hides deactivated records` : evidence,
  };
}

/** BigQuery limits a statement to one megabyte. */
const NOTES_PER_STATEMENT = 2000;

/**
 * Writes stored records that are missing at the source to `vanished_records`, and deletes from it those that came back.
 *
 * @returns ids of all records that are missing, also of those that were noted before.
 * @throws VolumeError if the list shows implausibly few records; then nothing is noted.
 */
export async function noteMissingRecords(options: {
  readonly plan: Pick<SweepPlan, 'entity' | 'range' | 'here'>;
  /** Stored records of the range that the list should have shown and did not. */
  readonly unlisted: ReadonlyMap<string, StoredRecord>;
  /** Ids that the list did show. */
  readonly listed: ReadonlySet<string>;
  readonly isMassDeletionAccepted: boolean;
  readonly read: Read;
  readonly lease: Lease;
  readonly warehouse: Pick<Warehouse, 'query' | 'noteMissing'>;
  readonly datasets: Config['datasets'];
  readonly now: Date;
}): Promise<readonly string[]> {
  const { plan, unlisted, listed, read, lease, warehouse, datasets, now } = options;
  const { entity, here: known } = plan;
  const noted = new Set(await notedIds(entity, warehouse, datasets));
  const { ids, evidence } = await confirmMissing({ entity, unlisted, read, now });
  const newlyMissing = ids.filter((id) => !noted.has(id));
  if (newlyMissing.length > 0) {
    const inRange = await countAtSource(entity, plan.range, read);
    const left = Math.min(known - newlyMissing.length, inRange ?? known);
    const shown = (await countAtSource(entity, {}, read)) ?? listed.size;
    assertListPlausible({
      entity: entity.name,
      shown,
      left,
      known,
      isAgreed: options.isMassDeletionAccepted,
    });
  }
  const missing = newlyMissing.map((id) => ({ id, changedAt: toInstant(unlisted.get(id)?.changed) }));
  const missingIds = new Set(ids);
  const returnedIds = [...noted].filter((id) => (listed.has(id) || unlisted.has(id)) && !missingIds.has(id));
  for (let at = 0; at < Math.max(missing.length, returnedIds.length); at += NOTES_PER_STATEMENT) {
    const chunk = <T>(all: readonly T[]) => all.slice(at, at + NOTES_PER_STATEMENT);
    const note = { missing: chunk(missing), returnedIds: chunk(returnedIds) };
    await warehouse.noteMissing({ lease, ...note, evidence, now });
  }
  return ids;
}

async function notedIds(
  { name }: Entity,
  { query }: Pick<Warehouse, 'query'>,
  datasets: Config['datasets'],
): Promise<readonly string[]> {
  const rows = await query<{ id: string }>(
    `select record_id as id from ${datasets.logs}.vanished_records where entity = '${name}'`,
  );
  return rows.map(({ id }) => id);
}

function toInstant(changed: string | undefined): string | null {
  return changed ? `${changed}Z` : null;
}
