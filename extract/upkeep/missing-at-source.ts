import type { Entity } from '../../schemas/entities.ts';
import { takesParameters } from '../api/query-parameters.ts';
import type { Read } from '../api/read.ts';
import type { Config } from '../config.ts';
import { idPages } from '../feeds/by-id.ts';
import { listPages } from '../feeds/list.ts';
import { assertListPlausible } from '../feeds/volume-alarm.ts';
import type { StoredRecord } from '../load/stored-records.ts';
import type { Lease, Warehouse } from '../load/warehouse.ts';
import { listedRecords } from '../pages/filter-page.ts';
import { plainScan } from '../pages/scan.ts';
import { countAtSource, type SweepPlan } from './sweep-plan.ts';

/** Records that were not listed where they should be, and are nowhere else either. */
interface MissingRecords {
  readonly ids: readonly string[];
  readonly evidence: string;
}

/** Whether single records can be asked for. */
export function canReadById(entity: Entity): boolean {
  return takesParameters(entity, entity.list, 'ids');
}

/**
 * Makes sure of records that a window, read whole, did not list: each is asked for by its id, or where that is not possible
 * the list is read from the oldest of them to its end, for a record that changes only moves on.
 */
async function confirmMissing(options: {
  readonly entity: Entity;
  readonly unlisted: ReadonlyMap<string, StoredRecord>;
  readonly read: Read;
  readonly now: Date;
}): Promise<MissingRecords> {
  const { entity, unlisted, read, now } = options;
  const ids = [...unlisted.keys()];
  const isAsked = canReadById(entity);
  const oldest = [...unlisted.values()].map(({ changed }) => changed).sort()[0];
  if (oldest === undefined) return { ids: [], evidence: '' };
  const common = { entity, read, scanPage: plainScan };
  const window = { from: new Date(`${oldest.slice(0, 23)}Z`) };
  const found = new Set<string>();
  for await (const { page } of isAsked
    ? idPages({ ...common, ids })
    : listPages({ ...common, window, now })) {
    for (const { id } of listedRecords(page, entity)) found.add(id);
  }
  const hides = !['active', 'activeState'].some((name) => takesParameters(entity, entity.list, name));
  const evidence = isAsked ? 'not found by its id' : 'not in the list since its last change';
  return {
    ids: ids.filter((id) => !found.has(id)),
    evidence: hides ? `${evidence}; the list also hides deactivated records` : evidence,
  };
}

/** A statement of BigQuery may have a megabyte. */
const NOTED_AT_ONCE = 2000;

/**
 * Notes what is held and nowhere there, and forgets what was noted before and is there again.
 *
 * @returns ids of the records that are nowhere, also of those that were noted before.
 * @throws VolumeError when the list shows so little that it cannot be believed; then nothing is noted.
 */
export async function noteMissingRecords(options: {
  readonly plan: Pick<SweepPlan, 'entity' | 'range' | 'isCounted' | 'here'>;
  /** Records that windows should have listed. */
  readonly expected: ReadonlyMap<string, StoredRecord>;
  /** Ids that these windows did list. */
  readonly listed: ReadonlySet<string>;
  readonly isAgreed: boolean;
  readonly read: Read;
  readonly lease: Lease;
  readonly warehouse: Pick<Warehouse, 'query' | 'noteMissing'>;
  readonly datasets: Config['datasets'];
  readonly now: Date;
}): Promise<readonly string[]> {
  const { plan, expected, listed, read, lease, warehouse, datasets, now } = options;
  const { entity } = plan;
  const noted = new Set(await notedIds(entity, warehouse, datasets));
  const unlisted = new Map([...expected].filter(([id]) => !listed.has(id)));
  const { ids, evidence } = await confirmMissing({ entity, unlisted, read, now });
  const news = ids.filter((id) => !noted.has(id));
  if (news.length > 0) {
    const known = plan.isCounted ? plan.here : [...expected.keys()].filter((id) => !noted.has(id)).length;
    const inRange = plan.isCounted ? await countAtSource(entity, plan.range, read) : null;
    const left = Math.min(known - news.length, inRange ?? known);
    const shown = (await countAtSource(entity, {}, read)) ?? listed.size;
    assertListPlausible({ entity: entity.name, shown, left, known, isAgreed: options.isAgreed });
  }
  const gone = news.map((id) => ({ id, changedAt: instant(unlisted.get(id)?.changed) }));
  const nowhere = new Set(ids);
  const returnedIds = [...noted].filter((id) => (listed.has(id) || expected.has(id)) && !nowhere.has(id));
  for (let at = 0; at < Math.max(gone.length, returnedIds.length); at += NOTED_AT_ONCE) {
    const portion = <T>(all: readonly T[]) => all.slice(at, at + NOTED_AT_ONCE);
    const note = { missing: portion(gone), returnedIds: portion(returnedIds) };
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

function instant(changed: string | undefined): string | null {
  return changed ? `${changed}Z` : null;
}
