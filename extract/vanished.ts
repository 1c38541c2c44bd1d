import { declaredTables } from '../schemas/columns.ts';
import type { Config } from './config.ts';
import type { Entity } from './entities.ts';
import type { Read } from './feed.ts';
import type { Held } from './held-records.ts';
import { idPages } from './id-feed.ts';
import { plainScan } from './json-scan.ts';
import { listPages } from './list-feed.ts';
import { listedRecords } from './page-part.ts';
import { takesParameters } from './parameters.ts';
import type { TextRow, Warehouse } from './warehouse/port.ts';

/** Records that were not listed where they should be, and are nowhere else either. */
export interface Vanished {
  readonly ids: readonly string[];
  readonly evidence: string;
}

/** Whether single records can be asked for. */
export function canBeAskedFor(entity: Entity): boolean {
  return takesParameters(entity, entity.list, 'ids');
}

/**
 * Makes sure of records that a window, read whole, did not list: each is asked for by its id, or where that is not possible
 * the list is read from the oldest of them to its end, for a record that changes only moves on.
 */
export async function makeSure(options: {
  readonly entity: Entity;
  readonly unlisted: ReadonlyMap<string, Held>;
  readonly read: Read;
  readonly now: Date;
}): Promise<Vanished> {
  const { entity, unlisted, read, now } = options;
  const ids = [...unlisted.keys()];
  const isAsked = canBeAskedFor(entity);
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

interface VanishedRow {
  readonly entity: string;
  readonly record_id: string;
  readonly changed_at: string | null;
  readonly found_at: string | null;
  readonly evidence: string | null;
}

/** Notes records as vanished, and forgets those that were seen again. */
export async function noteVanished(options: {
  readonly entity: Entity;
  readonly vanished: Vanished;
  readonly unlisted: ReadonlyMap<string, Held>;
  readonly seen: ReadonlySet<string>;
  readonly warehouse: Pick<Warehouse, 'query' | 'replace'>;
  readonly datasets: Config['datasets'];
  readonly now: Date;
}): Promise<void> {
  const { entity, vanished, unlisted, seen, warehouse, datasets, now } = options;
  const before = await warehouse.query<VanishedRow>(
    `select entity, record_id, cast(changed_at as string) as changed_at,
       cast(found_at as string) as found_at, evidence
     from ${datasets.logs}.vanished_records`,
  );
  const isOurs = (row: VanishedRow) => row.entity === entity.name;
  const kept = before.filter((row) => !isOurs(row) || !seen.has(row.record_id));
  const known = new Set(kept.filter(isOurs).map(({ record_id }) => record_id));
  const added = vanished.ids
    .filter((id) => !known.has(id))
    .map((id): VanishedRow => {
      const changed = unlisted.get(id)?.changed;
      return {
        entity: entity.name,
        record_id: id,
        changed_at: changed ? `${changed}Z` : null,
        found_at: now.toISOString(),
        evidence: vanished.evidence,
      };
    });
  if (added.length === 0 && kept.length === before.length) return;
  const table = declaredTables().find(({ name }) => name === 'vanished_records');
  if (table)
    await warehouse.replace(
      table,
      [...kept, ...added].map((row): TextRow => ({ ...row })),
    );
}
